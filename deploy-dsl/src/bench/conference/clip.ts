import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError } from '../../language/diagnostic.ts';
import { benchNeedsThings } from '../../language/errors/local.ts';
import { hasCode, readIfPresent } from '../../local/files.ts';
import type { BenchContext } from '../bench.ts';
import { benchCache } from './programs.ts';

const [width, height, framesPerSecond, frames] = [1280, 720, 30, 300];

/** VP8 in real time, a key frame each second, about 1.7 Mbit/s of this picture. */
const encoder = [
  ...['--codec=vp8', '--ivf', '--rt', '--cpu-used=8', '--lag-in-frames=0', '--end-usage=cbr', '--quiet'],
  ...['--target-bitrate=1000', '--kf-min-dist=30', '--kf-max-dist=30'],
];

/** Ten seconds of 720p that `vpxenc` makes of a moving pattern; made once, and kept. @returns its path */
export async function clip({ env, signal, say }: BenchContext): Promise<string> {
  const file = join(benchCache(env), 'clip-720p-1.ivf');
  if ((await readIfPresent(file)) !== null) return file;
  await mkdir(benchCache(env), { recursive: true });
  const part = `${file}.part`;
  try {
    await encode(part, env, signal, (share) => say('clip: 720p in VP8, by vpxenc', share));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    signal.throwIfAborted();
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new TandemError([
      benchNeedsThings('vpxenc to make its clip', 'sudo apt-get install --no-install-recommends vpx-tools'),
    ]);
  }
  return file;
}

async function encode(
  to: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  report: (share: number) => void,
): Promise<void> {
  const vpxenc = spawn('vpxenc', [...encoder, '-o', to, '-'], {
    env,
    signal,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exit = once(vpxenc, 'exit');
  // Where it does not start, or ends early, its exit says so.
  vpxenc.stdin.on('error', () => undefined);
  const write = async (data: string | Buffer) => {
    if (!vpxenc.stdin.write(data)) await Promise.race([once(vpxenc.stdin, 'drain'), exit]);
  };
  const feed = async () => {
    await write(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420\n`);
    for (let frame = 0; frame < frames && vpxenc.exitCode === null; frame++) {
      await write('FRAME\n');
      await write(pattern(frame));
      report(frame / frames);
    }
    vpxenc.stdin.end();
  };
  const [[code]] = await Promise.all([exit, feed()]);
  if (code !== 0) throw new Error(`vpxenc ended with ${code}`);
}

/** One picture, I420: squares that move over each other. */
function pattern(frame: number): Buffer {
  const picture = Buffer.alloc((width * height * 3) / 2, 128);
  for (let y = 0; y < height; y++) {
    const row = (y + frame * 2) >> 3;
    for (let x = 0; x < width; x++) picture[y * width + x] = (((x + frame * 4) >> 3) ^ row) * 7;
  }
  return picture;
}
