import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { hasCode, readIfPresent } from '../files.ts';
import { type Outcome, runProgram } from './run-program.ts';

export interface NginxBuild {
  /** The source of nginx; copied, never written to. */
  source: string;
  /** The source of its brotli module; null: without. */
  brotli: string | null;
  /** Where it is compiled. What an interrupted build has left here is used. */
  folder: string;
  /** Where the program goes. */
  to: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress(detail: string, fraction?: number | null): void;
}

/** Configuring or compiling failed; `output` holds the last words. */
export class CompileFailed extends Error {
  override readonly name = 'CompileFailed';
  readonly output: string[];

  constructor(what: string, output: string[]) {
    super(what);
    this.output = output;
  }
}

/** What the edge needs, TLS and plain TCP in front of services for later, and no more. */
const features = [
  '--with-pcre-jit',
  '--with-threads',
  '--with-http_ssl_module',
  '--with-http_v2_module',
  '--with-http_realip_module',
  '--with-http_stub_status_module',
  '--with-http_gzip_static_module',
  '--with-stream',
  '--with-stream_ssl_module',
  '--with-stream_ssl_preread_module',
  '--without-http_fastcgi_module',
  '--without-http_uwsgi_module',
  '--without-http_scgi_module',
  '--without-http_memcached_module',
  // Hardened as the distributions do it; a newer compiler's warnings are no reason to fail.
  '--with-cc-opt=-O2 -g0 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -Wno-error',
  '--with-ld-opt=-pie -Wl,-z,relro -Wl,-z,now',
];

/**
 * Compiles nginx.
 *
 * @throws CompileFailed
 */
export async function compileNginx(build: NginxBuild): Promise<void> {
  await copySource(build);
  await configure(build);
  await make(build);
  await mkdir(dirname(build.to), { recursive: true });
  const binary = join(build.folder, 'objs/nginx');
  await must('strip', ['-o', build.to, binary], 'stripping nginx failed', build);
}

/** A copy that was cut off must not be taken for a whole one. */
async function copySource({ source, folder }: NginxBuild): Promise<void> {
  if ((await readIfPresent(join(folder, 'auto/configure'))) !== null) return;
  await rm(`${folder}.part`, { recursive: true, force: true });
  await cp(source, `${folder}.part`, { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rename(`${folder}.part`, folder);
}

/** Again only when the arguments are others: it makes everything out of date. */
async function configure(build: NginxBuild): Promise<void> {
  const args = [...features, ...(build.brotli === null ? [] : [`--add-module=${build.brotli}`])];
  const note = join(build.folder, 'configured.txt');
  const arguments_ = args.join('\n');
  if ((await readIfPresent(note)) === arguments_) return;
  build.progress('configuring', null);
  await must('./auto/configure', args, 'configuring nginx failed', build);
  await writeFile(note, arguments_);
}

async function make(build: NginxBuild): Promise<void> {
  const makefile = await readFile(join(build.folder, 'objs/Makefile'), 'utf8');
  const total = makefile.match(/^objs\/\S+\.o:/gm)?.length ?? 0;
  let compiled = 0;
  const report = () =>
    build.progress(
      `building: ${Math.min(compiled, total)} of ${total} files`,
      total === 0 ? null : compiled / total,
    );
  report();
  await must('make', [`-j${availableParallelism()}`], 'compiling nginx failed', build, (line) => {
    if (!/^\S+ -c /.test(line)) return;
    compiled += 1;
    report();
  });
}

async function must(
  command: string,
  args: string[],
  failure: string,
  { folder, env, signal }: NginxBuild,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  // Flags of the user's own projects would change what is built.
  const { MAKEFLAGS: _make, CFLAGS: _c, LDFLAGS: _ld, CPPFLAGS: _cpp, ...rest } = env;
  let outcome: Outcome;
  try {
    outcome = await runProgram({ command, args, cwd: folder, env: rest, signal, onLine });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new CompileFailed(`${command} is not there`, []);
  }
  if (outcome.code !== 0) throw new CompileFailed(failure, outcome.tail);
}
