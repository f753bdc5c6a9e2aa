import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const log = new URL('../src/log.ts', import.meta.url).href;

/** A process with a logger `log` on its standard output. */
function run(script: string) {
  const identity = { service: 'test', version: '1', environment: 'local', cloud: 'local' };
  const program = `
    import { createLineWriter, createLogger } from '${log}';
    const log = createLogger(${JSON.stringify(identity)}, 'info');
    ${script}
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('its standard output is a pipe');
  return { child, stdout };
}

test('everything that was logged before the end is written, in its order', async () => {
  const { child, stdout } = run(`
    const write = createLineWriter(log, 'request');
    for (let number = 0; number < 5_000; number++) {
      log.info({ number }, 'x'.repeat(100));
      write(\`,"number":\${number}\`);
    }
    process.exit(3);
  `);
  const [written, [code]] = await Promise.all([text(stdout), once(child, 'close')]);
  expect(code).toBe(3);
  const lines = written.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).number)).toEqual(
    Array.from({ length: 10_000 }, (_, index) => Math.floor(index / 2)),
  );
});

test('a token is not written, whichever way its line takes', async () => {
  const { stdout } = run(`
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
    log.info('by pino ' + token);
    createLineWriter(log, 'request')(\`,"path":"/\${token}"\`);
    process.exit(0);
  `);
  const written = await text(stdout);
  expect(written.trim().split('\n')).toHaveLength(2);
  expect(written).not.toContain('eyJ');
});

test('a process goes on, and ends, when nobody reads its log any more', async () => {
  const { child, stdout } = run(`
    log.info('there');
    process.once('message', () => {
      for (let number = 0; number < 5_000; number++) log.info('x'.repeat(100));
      // Some of it is on its way now; the rest is left for the end.
      setImmediate(() => {
        for (let number = 0; number < 5_000; number++) log.info('x'.repeat(100));
        process.exit(4);
      });
    });
  `);
  await once(stdout, 'data');
  stdout.destroy();
  await once(stdout, 'close');
  child.send('nobody reads');
  const [code] = await once(child, 'exit');
  expect(code).toBe(4);
});

test('lines that come when nobody reads the log any more are no failure', async () => {
  const { child, stdout } = run(`
    log.info('there');
    process.once('message', () => {
      let left = 20;
      const timer = setInterval(() => {
        log.info('to nobody');
        if (--left > 0) return;
        clearInterval(timer);
        process.disconnect();
      }, 5);
    });
  `);
  await once(stdout, 'data');
  stdout.destroy();
  await once(stdout, 'close');
  child.send('nobody reads');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
});
