import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** A source package of the distribution. */
export interface SourcePackage {
  name: string;
  /** For apt's lists and the unpacked source; ours alone. */
  folder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** Where apt reads its sources from. */
const sources = '/etc/apt';

/**
 * Fetches the source that a package of the distribution is made from, as its authors published it, and unpacks it. apt
 * checks it against the distribution's signature. The machine's own apt settings and lists are left as they are: most
 * machines do not list sources, and the lists of others need root.
 *
 * @returns the folder with the source; null where the distribution or apt does not have it
 */
export async function sourceOf({ name, folder, env, signal }: SourcePackage): Promise<string | null> {
  const apt = join(folder, 'apt');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(apt, 'lists/partial'), { recursive: true });
  await mkdir(join(apt, 'archives/partial'), { recursive: true });
  await mkdir(join(apt, 'sources'), { recursive: true });
  if (!(await copySources(join(apt, 'sources')))) return null;
  const configuration = join(apt, 'apt.conf');
  await writeFile(
    configuration,
    [
      'Dir::Etc::sourcelist "/dev/null";',
      `Dir::Etc::sourceparts "${join(apt, 'sources')}";`,
      `Dir::State::lists "${join(apt, 'lists')}";`,
      `Dir::Cache "${apt}";`,
      // apt's own user cannot write to our folder.
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      '',
    ].join('\n'),
  );
  const get = (args: string[]) =>
    runProgram({
      command: 'apt-get',
      args: ['-q', ...args],
      cwd: folder,
      env: { ...env, APT_CONFIG: configuration, LC_ALL: 'C' },
      signal,
    });
  try {
    // A repository of somebody else's without sources makes this fail; the package may be there all the same.
    await get(['update']);
    const fetched = await get(['source', '--download-only', '--tar-only', name]);
    const archive = (await readdir(folder)).find((file) => /\.orig\.tar\.\w+$/.test(file));
    if (fetched.code !== 0 || archive === undefined) return null;
    const source = join(folder, 'source');
    await mkdir(source);
    const args = ['-xf', archive, '-C', source, '--strip-components=1'];
    const unpacked = await runProgram({ command: 'tar', args, cwd: folder, env, signal });
    return unpacked.code === 0 ? source : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** The machine's repositories, as repositories of sources. @returns there are any */
async function copySources(to: string): Promise<boolean> {
  const parts = await readdir(join(sources, 'sources.list.d')).catch(() => []);
  const files = ['sources.list', ...parts.map((part) => join('sources.list.d', part))];
  let any = false;
  for (const [i, file] of files.entries()) {
    const text = await readFile(join(sources, file), 'utf8').catch(() => '');
    const isDeb822 = file.endsWith('.sources');
    if (!isDeb822 && !file.endsWith('.list')) continue;
    const turned = isDeb822
      ? text.replace(/^Types:.*$/gim, 'Types: deb-src')
      : text.replace(/^\s*deb-src\s.*$/gm, '').replace(/^\s*deb\s/gm, 'deb-src ');
    if (!turned.includes('deb-src')) continue;
    await writeFile(join(to, `${i}${isDeb822 ? '.sources' : '.list'}`), turned);
    any = true;
  }
  return any;
}
