import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join, matchesGlob, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface ImageTree {
  /** Where the image's command is run. */
  workDir: string;
  command: string[];
  user: string | null;
}

interface Instruction {
  word: string;
  rest: string;
}

/**
 * Makes the file tree of a service's image as the Dockerfile says, in a folder and without Docker. Knows what our
 * Dockerfile uses: what the last stage copies comes from the repository, as far as .dockerignore lets it; the packages of
 * the first stage are those that the lock file calls no development packages; the second stage runs the script `build`.
 */
export async function makeImageTree(service: string, folder: string): Promise<ImageTree> {
  const instructions = await read(join(root, 'services/Dockerfile'), service);
  const isSent = await dockerignore();
  const last = instructions.findLastIndex(({ word }) => word === 'FROM');
  const [before, image] = [instructions.slice(0, last), instructions.slice(last)];
  for (const source of before.filter(({ word }) => word === 'COPY').flatMap(sourcesOf)) {
    // Of a folder only some is sent; whether that is enough is seen when it is built.
    if ((await stat(join(root, source))).isFile() && !isSent(source))
      throw new Error(`.dockerignore leaves out ${source}`);
  }
  let workDir = '/';
  for (const instruction of image) {
    if (instruction.word === 'WORKDIR') workDir = resolve(workDir, instruction.rest);
    if (instruction.word !== 'COPY') continue;
    if (instruction.rest.startsWith('--from=packages')) {
      await linkPackages(join(folder, workDir, 'node_modules'));
      continue;
    }
    if (instruction.rest.startsWith('--from=built')) {
      const target = join(folder, workDir, instruction.rest.split(/\s+/).at(-1) ?? '');
      await cp(await makeBuilt(service, join(folder, 'built'), isSent), target, { recursive: true });
      continue;
    }
    const target = instruction.rest.split(/\s+/).at(-1) ?? '';
    for (const source of sourcesOf(instruction)) {
      const path = join(folder, workDir, target, target.endsWith('/') ? basename(source) : '');
      await mkdir(dirname(path), { recursive: true });
      await cp(join(root, source), path, {
        recursive: true,
        filter: (file) => isSent(relative(root, file)),
      });
    }
  }
  return {
    workDir: join(folder, workDir),
    command: JSON.parse(image.find(({ word }) => word === 'CMD')?.rest ?? '[]'),
    user: image.find(({ word }) => word === 'USER')?.rest ?? null,
  };
}

/** What the stage `built` leaves: all that is sent, with the service's script `build` run. @returns the service's `dist` */
async function makeBuilt(service: string, stage: string, isSent: (path: string) => boolean): Promise<string> {
  for (const each of ['common', 'services']) {
    await cp(join(root, each), join(stage, each), {
      recursive: true,
      filter: async (file) => (await stat(file)).isDirectory() || isSent(relative(root, file)),
    });
  }
  await linkPackages(join(stage, 'node_modules'), 'with those for development');
  await symlink(join(root, 'node_modules/.bin'), join(stage, 'node_modules/.bin'));
  const folder = join(stage, 'services', service);
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter) };
  await run('npm', ['run', 'build', '--if-present'], { cwd: folder, env });
  await mkdir(join(folder, 'dist'), { recursive: true });
  return join(folder, 'dist');
}

/** What Docker is given to build from: the last line of .dockerignore that names a file, or a folder of it, decides. */
async function dockerignore(): Promise<(path: string) => boolean> {
  const lines = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');
  const rules = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ pattern: line.replace(/^!/, ''), isSent: line.startsWith('!') }));
  const covers = (pattern: string, path: string) =>
    matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`);
  return (path) => rules.findLast(({ pattern }) => covers(pattern, path))?.isSent ?? true;
}

async function read(dockerfile: string, service: string): Promise<Instruction[]> {
  const lines = (await readFile(dockerfile, 'utf8')).split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [word = '', ...rest] = line.replaceAll(/\$\{SERVICE\}/g, service).split(' ');
      return { word, rest: rest.join(' ') };
    });
}

const sourcesOf = ({ rest }: Instruction): string[] => rest.split(/\s+/).slice(0, -1);

interface LockFile {
  packages: Record<string, { dev?: boolean; link?: boolean; resolved?: string }>;
}

/** What `npm ci`, without development packages unless told, would leave: as links to the packages that are installed here. */
async function linkPackages(
  modules: string,
  which: 'all that run' | 'with those for development' = 'all that run',
): Promise<void> {
  const lock: LockFile = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  for (const [path, { dev = false, link = false, resolved = '' }] of Object.entries(lock.packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined || (dev && which === 'all that run')) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(link ? join(modules, '..', resolved) : join(root, path), join(modules, name));
  }
}
