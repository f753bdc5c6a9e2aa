import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NomadJob } from '../../src/cluster/nomad-job.ts';
import { secretsPath } from '../../src/compile/secrets.ts';
import { readSecret } from '../../src/operate/secret-value.ts';
import { type Agents, startAgents } from '../support/agents.ts';
import { scriptJob } from '../support/jobs.ts';
import { until } from '../support/until.ts';

/** `tandem secret` as a process of its own, against a real Nomad. */

const yaml = `tandem: 1
clouds: { aws: {} }
services:
  web: { image: "web:1", publishes: [page.read], secrets: { smtp-password: {}, api-key: {}, signing-key: { generate: rsa-2048 } } }
environments:
  staging: { clouds: [aws] }
`;
const main = resolve(import.meta.dirname, '../../src/main.ts');
/** Whatever goes wrong, nobody may see it. */
const value = 'correct-horse-battery-staple';

let agents: Agents;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-secret-'));
  await writeFile(join(folder, 'services.yml'), yaml);
  agents = await startAgents({ cloud: 'aws' });
}, 60_000);
afterAll(async () => {
  await agents?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

interface Ended {
  code: number | null;
  out: string;
}

/** @param input what is piped in; a list is written piece by piece, as fast as it is taken */
async function secret(args: string[], input: string | Uint8Array[] = ''): Promise<Ended & { seen: string }> {
  const child = spawn(
    process.execPath,
    [main, 'secret', ...args, '--file', join(folder, 'services.yml'), '--env', 'staging'],
    {
      env: {
        PATH: process.env.PATH,
        NOMAD_ADDR: agents.nomad.address,
        CONSUL_HTTP_ADDR: agents.consul.address,
        TANDEM_DEBUG: '1',
      },
    },
  );
  // What `ps` and a neighbour with the same user could see.
  const seen = ['cmdline', 'environ']
    .map((file) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8'))
    .join('\n');
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (out += String(data)));
  // A command that has heard enough closes the pipe.
  child.stdin.on('error', () => undefined);
  for (const piece of typeof input === 'string' ? [input] : input) child.stdin.write(piece);
  child.stdin.end();
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out, seen };
}

const stored = async () => (await agents.nomad.variables.get(secretsPath('web')))?.Items ?? {};

describe('a value', () => {
  test('from standard input is stored, without the line break that echo adds, and shown nowhere', async () => {
    const { code, out, seen } = await secret(['set', 'web', 'smtp-password'], `${value}\n`);
    expect(out).toBe(
      'No instance that runs reads it: nothing restarts.\nThe secret "smtp-password" of web is set in aws.\n',
    );
    expect(code).toBe(0);
    expect(await stored()).toEqual({ smtp_password: value });
    expect(seen).not.toContain(value);
    const listed = await secret(['list', '--json']);
    expect(listed.out).toContain('"smtp-password"');
    expect(listed.out).not.toContain(value);
    expect(agents.log('nomad-server')).not.toContain(value);
  });

  test('that is set already changes nothing', async () => {
    const before = await agents.nomad.variables.get(secretsPath('web'));
    const { out } = await secret(['set', 'web', 'smtp-password'], value);
    expect(out).toBe(
      'The secret "smtp-password" of web has this value in aws already: nothing was changed.\n',
    );
    expect((await agents.nomad.variables.get(secretsPath('web')))?.ModifyIndex).toBe(before?.ModifyIndex);
  });

  test('from a file', async () => {
    await writeFile(join(folder, 'key.pem'), '-----BEGIN KEY-----\nabc\n-----END KEY-----\n');
    const { code } = await secret(['set', 'web', 'api-key', '--from-file', join(folder, 'key.pem')]);
    expect(code).toBe(0);
    expect((await stored()).api_key).toBe('-----BEGIN KEY-----\nabc\n-----END KEY-----');
  });

  test('as large as Nomad admits is stored; one byte more is refused, by us', async () => {
    await secret(['remove', 'web', 'api-key']);
    const { api_key: _, ...others } = await stored();
    const left = 64 * 1024 - Object.entries(others).flat().join('').length - 'api_key'.length;
    expect((await secret(['set', 'web', 'api-key'], 'x'.repeat(left))).code).toBe(0);
    const refused = await secret(['set', 'web', 'api-key'], 'y'.repeat(left + 1));
    expect(refused.code).toBe(2);
    expect(refused.out).toContain(`TDM-342  the secret "api-key" is too large: ${left} bytes fit`);
    expect((await stored()).api_key).toBe('x'.repeat(left));
    await secret(['remove', 'web', 'api-key']);
  });
});

describe('signing keys', () => {
  const keysIn = (pem = '') => pem.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/g) ?? [];

  test('are rotated: a new one in front, the two before it stay, none is shown', async () => {
    expect((await secret(['rotate', 'web', 'signing-key'])).code).toBe(2);
    await secret(['generate', 'web', 'signing-key']);
    const before: string[] = [];
    for (let rotation = 0; rotation < 4; rotation++) {
      const [newest = ''] = keysIn((await stored()).signing_key);
      before.unshift(newest);
      const { code, out } = await secret(['rotate', 'web', 'signing-key']);
      expect(code).toBe(0);
      expect(out).not.toContain('PRIVATE KEY');
    }
    const keys = keysIn((await stored()).signing_key);
    expect(keys.slice(1)).toEqual(before.slice(0, 2));
    expect(before).not.toContain(keys[0]);
  });

  test('are not what every secret holds', async () => {
    await secret(['set', 'web', 'api-key'], value);
    const { code, out } = await secret(['rotate', 'web', 'api-key']);
    expect([code, out.includes('TDM-371')]).toEqual([2, true]);
    expect((await stored()).api_key).toBe(value);
  });
});

test('the password of RabbitMQ is changed in an order that the command tells', async () => {
  const { code, out } = await secret(['set', 'web', 'rabbitmq-password'], value);
  expect([code, out.includes('TDM-374')]).toEqual([2, true]);
  expect(out).toMatch(/first at RabbitMQ[\s\S]+then in every cloud[\s\S]+`.\/tandem restart` of web/);
  expect(out).not.toContain(value);
});

describe('a value that cannot be one', () => {
  const about = { service: 'web', name: 'api-key' };
  const piped = async function* (...pieces: Uint8Array[]) {
    yield* pieces;
  };
  const endless = async function* () {
    for (;;) yield Buffer.alloc(65_536, 'x');
  };
  const refusals: [what: string, source: Parameters<typeof readSecret>[0], code: string, title: string][] = [
    [
      'a file that is not there',
      '/nowhere/key',
      'TDM-349',
      '/nowhere/key cannot be read: there is no such file',
    ],
    ['a folder', tmpdir(), 'TDM-349', `${tmpdir()} cannot be read: it is a folder`],
    [
      'a path through a file',
      '/etc/passwd/key',
      'TDM-349',
      '/etc/passwd/key cannot be read: a part of its path is no folder',
    ],
    ['an endless file', '/dev/zero', 'TDM-342', 'the secret "api-key" is too large: 65529 bytes fit'],
    ['an endless pipe', endless(), 'TDM-342', 'the secret "api-key" is too large: 65529 bytes fit'],
    ['an empty file', '/dev/null', 'TDM-341', 'no value for the secret "api-key"'],
    ['an empty pipe', piped(), 'TDM-341', 'no value for the secret "api-key"'],
    ['an empty line', piped(Buffer.from('\n')), 'TDM-341', 'no value for the secret "api-key"'],
    ['binary', piped(Buffer.from([0xff, 0xfe, 0x00, 0x80])), 'TDM-343', 'the secret "api-key" is binary'],
    ['a NUL in a text', piped(Buffer.from('a\0b')), 'TDM-343', 'the secret "api-key" is binary'],
  ];
  test.each(refusals)('%s', async (_, source, code, title) => {
    await expect(readSecret(source, about)).rejects.toMatchObject({
      exitCode: 2,
      diagnostics: [{ code, title }],
    });
  });

  test('characters of several bytes that arrive in pieces are whole', async () => {
    const bytes = Buffer.from('pässwörd 🔑');
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(await readSecret(piped(...pieces), about)).toBe('pässwörd 🔑');
  });

  test('on the command line it is refused, and not repeated', async () => {
    const ended = await secret(['set', 'web', 'api-key', value]);
    expect(ended.code).toBe(2);
    expect(ended.out).toContain('TDM-508  "secret" takes no value on the command line');
    expect(ended.out).not.toContain(value);
  });

  test('too much of it ends the command, and changes nothing', async () => {
    const before = await stored();
    const ended = await secret(['set', 'web', 'api-key'], [Buffer.alloc(4_000_000, 'x')]);
    expect(ended.out).toContain('TDM-342');
    expect(ended.code).toBe(2);
    expect(await stored()).toEqual(before);
  });

  test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    const file = join(folder, 'forbidden');
    await writeFile(file, value);
    await chmod(file, 0o000);
    const ended = await secret(['set', 'web', 'api-key', '--from-file', file]);
    expect(ended.out).toContain(`${file} cannot be read: you may not read it`);
  });
});

describe('with instances that run', () => {
  const path = secretsPath('web');
  const file = `process.env.NOMAD_SECRETS_DIR + '/smtp_password'`;
  // Becomes ready only with a value that it can use.
  const reader = `
    const value = require('node:fs').readFileSync(${file}, 'utf8');
    require('node:http')
      .createServer((_, answer) => answer.writeHead(value.startsWith('bad') ? 503 : 200).end(value))
      .listen(process.env.NOMAD_PORT_http, '127.0.0.1');`;
  const job = (): NomadJob => {
    const check = { Type: 'http' as const, Path: '/', Interval: 1_000_000_000, Timeout: 1_000_000_000 };
    const service = {
      Name: 'web',
      Provider: 'consul' as const,
      PortLabel: 'http',
      Tags: [],
      Checks: [{ ...check, Name: 'ready' }],
    };
    const made = scriptJob('web', reader, { Count: 2, Services: [service] });
    for (const task of made.TaskGroups.flatMap(({ Tasks }) => Tasks)) {
      task.Templates = [
        {
          EmbeddedTmpl: `{{ with nomadVar "${path}" }}{{ .smtp_password }}{{ end }}`,
          DestPath: 'secrets/smtp_password',
          ChangeMode: 'noop',
          ErrMissingKey: true,
        },
      ];
    }
    Object.assign(made.Update ?? {}, { Canary: 1, AutoPromote: true, AutoRevert: true });
    return { ...made, Region: 'aws', Datacenters: ['aws'] };
  };
  const instances = async () =>
    (await agents.nomad.jobs.allocations('web')).filter(
      ({ ClientStatus, DesiredStatus }) => ClientStatus === 'running' && DesiredStatus === 'run',
    );
  const serving = async () =>
    (await agents.consul.health('web')).filter(({ Checks }) =>
      Checks.every(({ Status }) => Status === 'passing'),
    );
  /** What those that serve have read. */
  const values = async () =>
    Promise.all(
      (await serving()).map(async ({ Service: { Port } }) => {
        return (await fetch(`http://127.0.0.1:${Port}/`)).text();
      }),
    );

  beforeAll(async () => {
    await agents.nomad.variables.put(path, { smtp_password: 'old', api_key: 'k' });
    await agents.nomad.jobs.register(job());
    await until('both serve', async () => (await serving()).length === 2);
    await until('the rollout is over', async () => {
      return (await agents.nomad.jobs.latestDeployment('web'))?.Status === 'successful';
    });
  }, 120_000);

  test('those that read it are named, and replaced while others serve; other secrets replace nobody', async () => {
    const other = await secret(['set', 'web', 'api-key'], 'another');
    expect(other.out).toContain('No instance that runs reads it: nothing restarts.');
    const before = await instances();

    let fewest = 2;
    let over = false;
    const watched = (async () => {
      while (!over) fewest = Math.min(fewest, (await serving()).length);
    })();
    const { code, out } = await secret(['set', 'web', 'smtp-password'], 'new');
    over = true;
    await watched;
    expect(code, out).toBe(0);
    const [first = '', ...rest] = out.split('\n');
    expect(first).toBe('Of its instances 2 are replaced one after the other:');
    for (const { ID } of before) expect(rest).toContain(`  ${ID.slice(0, 8)} on node-0`);
    expect(rest).toContain('The secret "smtp-password" of web is set in aws.');
    expect(fewest).toBeGreaterThanOrEqual(1);
    await until('both serve with it', async () => (await values()).join() === 'new,new');
    const after = (await instances()).map(({ ID }) => ID);
    expect(after.filter((id) => before.some(({ ID }) => ID === id))).toEqual([]);
  }, 120_000);

  test('a value with which no instance becomes healthy is put back, and those that serve go on', async () => {
    const { code, out } = await secret(['set', 'web', 'smtp-password'], 'bad');
    expect(code, out).toBe(1);
    expect(out).toContain('TDM-372  the secret "smtp-password" of "web" and its instances were put');
    expect((await stored()).smtp_password).toBe('new');
    await until('both serve as before', async () => (await values()).join() === 'new,new');
  }, 120_000);

  test('without it none could start again: taking it away is refused, unless that is wanted', async () => {
    const ids = async () => (await instances()).map(({ ID }) => ID).sort();
    const running = await ids();
    const refused = await secret(['remove', 'web', 'smtp-password']);
    expect(refused.code).toBe(2);
    expect(refused.out).toContain('TDM-370');
    for (const id of running) expect(refused.out).toContain(`${id.slice(0, 8)} on node-0`);
    expect(await stored()).toHaveProperty('smtp_password');

    const { out } = await secret(['remove', 'web', 'smtp-password', '--force']);
    expect(out).toMatch(/^These instances keep what they have read; without it no other one starts:/);
    expect(await stored()).not.toHaveProperty('smtp_password');
    expect(await ids()).toEqual(running);
    expect(await values()).toEqual(['new', 'new']);
  }, 60_000);
});
