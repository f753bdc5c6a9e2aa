import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { waitFor } from '@tandem/common/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { credentialsFor } from '../src/credentials.ts';
import { hasCoturn, KEY, type Running, relay, settings, startEcho, startTurn } from './support.ts';

const nowS = () => Math.floor(Date.now() / 1000);

/** A real coturn, asked by coturn's own client. */
describe.skipIf(!hasCoturn())('turn', { timeout: 60_000 }, () => {
  let running: Running;
  let mediaServer: { port: number; close(): void };

  beforeAll(async () => {
    mediaServer = await startEcho('127.0.0.2');
    running = await startTurn();
  }, 60_000);
  afterAll(async () => {
    await running?.[Symbol.asyncDispose]();
    mediaServer?.close();
  });

  test('media go to a media server and back with credentials that were issued, over UDP and TCP', async () => {
    const { iceServers, expiresInS } = await running.iceServers('s1');
    const [server] = iceServers;
    expect(expiresInS).toBe(600);
    expect(server).toEqual({
      urls: ['udp', 'tcp'].map((transport) => `turn:127.0.0.1:${running.port}?transport=${transport}`),
      username: expect.stringMatching(/^\d+:s1$/),
      credential: expect.any(String),
    });
    if (server === undefined) return;
    for (const transport of [[], ['-t']]) {
      const said = await relay(running.port, server, '127.0.0.2', mediaServer.port, ...transport);
      expect(said).toContain('tot_send_msgs=5, tot_recv_msgs=5');
    }
  });

  test('many come at once, first of all', async () => {
    await using fresh = await startTurn();
    const said = await Promise.all(
      Array.from({ length: 6 }, (_, at) =>
        relay(
          fresh.port,
          credentialsFor(`u${at}`, nowS() + 60, KEY),
          '127.0.0.2',
          mediaServer.port,
          ...(at % 2 === 0 ? [] : ['-t']),
        ),
      ),
    );
    for (const each of said) expect(each).toContain('tot_recv_msgs=5');
    expect(fresh.log.text).not.toContain('database is locked');
  });

  test.each([
    ['have expired', () => credentialsFor('s1', nowS() - 1, KEY)],
    ['are signed with another key', () => credentialsFor('s1', nowS() + 600, 'x'.repeat(40))],
    [
      'were given a longer life',
      () => ({
        ...credentialsFor('s1', nowS() - 1, KEY),
        username: `${nowS() + 600}:s1`,
      }),
    ],
    ['are empty', () => ({ username: 's1', credential: '' })],
  ])('credentials that %s open nothing', async (_name, credentials) => {
    const said = await relay(running.port, credentials(), '127.0.0.2', mediaServer.port);
    expect(said).not.toContain('tot_recv_msgs=5');
    expect(said).toMatch(/Cannot complete Allocation|error 401/);
  });

  test.each([
    ...['127.0.0.1', '127.0.0.3', '0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
  ])('nothing is relayed to %s', async (address) => {
    const said = await relay(running.port, credentialsFor(`to-${address}`, nowS() + 60, KEY), address, 80);
    expect(said).toMatch(/error 403 \(Forbidden IP\)/);
    expect(said).not.toContain('tot_recv_msgs=5');
  });

  test.each(['::1', '::', '::ffff:127.0.0.1', '::ffff:10.0.0.1', 'fe80::1', 'fd00::1'])(
    'nothing is relayed to %s, nor to any other address of IPv6',
    async (address) => {
      const said = await relay(running.port, credentialsFor(`to-${address}`, nowS() + 60, KEY), address, 80);
      expect(said).toMatch(/error 440 \(Unsupported address family\)/);
    },
  );

  test('one user has no more connections than the quota; other users have theirs', async () => {
    await using small = await startTurn({ ALLOCATIONS_PER_USER: '2' });
    const credentials = credentialsFor('s2', nowS() + 60, KEY);
    const said = await relay(small.port, credentials, '127.0.0.2', mediaServer.port, '-m', '3');
    expect(said).toMatch(/error 486|Allocation Quota Reached/);
    const other = credentialsFor('s3', nowS() + 60, KEY);
    expect(await relay(small.port, other, '127.0.0.2', mediaServer.port)).toContain('tot_recv_msgs=5');
  });

  test('a second instance takes another port', async () => {
    await using second = await startTurn();
    expect(second.port).not.toBe(running.port);
    const said = await relay(
      second.port,
      credentialsFor('s1', nowS() + 60, KEY),
      '127.0.0.2',
      mediaServer.port,
    );
    expect(said).toContain('tot_recv_msgs=5');
  });

  test('coturn that dies is started again', async () => {
    await using other = await startTurn();
    for (const pid of await coturnOf(process.pid, other.port)) process.kill(pid, 'SIGKILL');
    await waitFor('it is started again', async () =>
      other.log.lines.some(({ msg }) => msg === 'turnserver does not run'),
    );
    await waitFor(
      'it answers',
      async () => (await other.service.app.inject('/healthz/ready')).statusCode === 200,
    );
  });

  test('coturn never outlives its service, however that ends', async () => {
    const script = `import('${import.meta.dirname}/../src/service.ts').then(async ({ turn }) => {
      const service = await turn.build({ env: process.env, discovery: { instances: async () => [], close() {} } });
      setInterval(() => service.app.inject('/healthz/ready').then(({ statusCode }) => console.log(statusCode)), 100);
    });`;
    const env = { ...process.env, ...settings, LOG_LEVEL: 'silent' };
    const service = spawn(process.execPath, ['--input-type=module', '-e', script], { env });
    let said = '';
    service.stdout.on('data', (data) => {
      said += data;
    });
    await waitFor('it is ready', () => said.includes('200'));
    const [pid] = await coturnOf(service.pid ?? 0);
    expect(pid).toBeGreaterThan(0);
    service.kill('SIGKILL');
    await waitFor('coturn has gone', async () => !(await isThere(pid ?? 0)));
  });

  test.each([
    {},
    { user: '' },
    { user: 'a:b' },
    { user: 'a'.repeat(65) },
    { user: 1 },
    { user: 'a', ttl: 1e9 },
  ])('credentials for %o are refused', async (body) => {
    const answer = await running.service.app.inject({
      method: 'POST',
      url: '/internal/ice-servers',
      payload: body,
    });
    expect(answer.statusCode).toBe(422);
  });

  test('the key is in no log, and in no argument of a process', async () => {
    expect(JSON.stringify(running.log.lines)).not.toContain(KEY);
    const [pid] = await coturnOf(process.pid, running.port);
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(KEY);
  });
});

/** Children of a process that are coturn's; those whose configuration has a port. */
async function coturnOf(parent: number, port?: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, program, rest = ''] = /^\d+ \((.*)\) (.*)/.exec(stat) ?? [];
    if (program !== 'turnserver' || Number(rest.split(' ')[1]) !== parent) continue;
    if (port !== undefined) {
      const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
      const config = await readFile(command.split('\0')[2] ?? '', 'utf8').catch(() => '');
      if (!config.includes(`listening-port=${port}\n`)) continue;
    }
    found.push(Number(name));
  }
  return found;
}

async function isThere(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // A zombie waits only for somebody to ask how it ended.
  return stat !== '' && !/\) Z /.test(stat);
}
