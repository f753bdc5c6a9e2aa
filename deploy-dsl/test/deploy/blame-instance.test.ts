import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretsPath } from '../../src/compile/secrets.ts';
import { blame } from '../../src/deploy/blame.ts';
import { findInstance } from '../../src/inspect/find.ts';
import { type Diagnostic, TandemError } from '../../src/language/diagnostic.ts';
import { loadSource } from '../../src/language/load.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage, wanted } from './stage.ts';

/** What real instances fail of, pointed at the line that is at fault. */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(['web'], { memoryMiB: 1_000 });
  const folder = join(stage.root, 'services/web');
  await writeFile(join(folder, 'mute.sh'), '#!/bin/sh\nexec sleep 600\n');
  await chmod(join(folder, 'mute.sh'), 0o644);
  await writeFile(join(folder, 'slow.mjs'), slow);
  await writeFile(join(folder, 'deaf.mjs'), 'setInterval(() => {}, 1000);');
});
afterAll(() => stage?.stop());

/** Takes every request and answers none. */
const slow = `import { createServer } from 'node:http';
createServer(() => {}).listen(Number(process.env.PORT), process.env.HOST);`;

const file = (web: string) => `tandem: 1
defaults:
  cpu: 20
  health: { path: /healthz/ready, interval: 1s }
  update: { healthy: 200ms, deadline: 5s, drain: 1s }
services:
  web: { memory: 64, ${web} }
`;

/** Line and text that it points at: `7: 64`. */
function at({ range }: Diagnostic, yaml: string): string | null {
  if (range === null) return null;
  const line = yaml.split('\n')[range.start.line - 1] ?? '';
  return `${range.start.line}: ${line.slice(range.start.column - 1, range.end.column - 1)}`;
}

async function failure(yaml: string): Promise<Diagnostic> {
  const error: unknown = await stage.deploy(yaml).catch((reason: unknown) => reason);
  if (!(error instanceof TandemError) || error.diagnostics[0] === undefined) {
    throw new Error('it did not fail as expected', { cause: error });
  }
  return error.diagnostics[0];
}

const scenarios: {
  name: string;
  web: string;
  code: string;
  place: string;
  caption?: RegExp;
  help: string;
}[] = [
  {
    name: 'a check that is answered 503',
    web: 'env: { MODE: sick }',
    code: 'TDM-316',
    place: '4: /healthz/ready',
    caption: /^the health check is answered 503 Service Unavailable$/,
    help: 'the answer above says what the service waits for',
  },
  {
    name: 'a service that listens elsewhere',
    web: 'command: node deaf.mjs',
    code: 'TDM-316',
    place: '4: /healthz/ready',
    caption: /^nothing listens where the health check asks$/,
    help: 'the service must listen on the HOST and PORT of its environment',
  },
  {
    name: 'a service that does not answer',
    web: 'command: node slow.mjs, health: { path: /slow }',
    code: 'TDM-316',
    place: '7: /slow',
    caption: /^the health check is not answered in time$/,
    help: '`./tandem logs web` shows all of its log',
  },
  {
    name: 'a process that ends by itself',
    web: 'env: { MODE: crash }',
    code: 'TDM-318',
    place: '7: web',
    help: '`./tandem logs web` shows all of its log',
  },
  {
    name: 'a source file that is not there',
    web: 'command: node src/other.ts',
    code: 'TDM-318',
    place: '7: node src/other.ts',
    help: '`./tandem logs web` shows all of its log',
  },
  {
    name: 'a program that is nowhere',
    web: 'command: pyhton3 main.py',
    code: 'TDM-317',
    place: '7: pyhton3 main.py',
    help: 'the program must be on PATH of the nodes',
  },
  {
    name: 'a program that is not executable',
    web: 'command: ./mute.sh',
    code: 'TDM-317',
    place: '7: ./mute.sh',
    help: 'the file must be in the folder of the service, and be executable',
  },
];

test.each(scenarios)(
  '$name',
  async ({ web, code, place, caption, help }) => {
    // What is found out at the deadline need not be waited for; what ends by itself must end before it.
    const yaml = file(code === 'TDM-316' ? web : `${web}, update: { deadline: 1m }`);
    const said = await failure(yaml);
    expect(said, JSON.stringify(said)).toMatchObject({ code });
    expect(at(said, yaml), JSON.stringify(said)).toBe(place);
    if (caption !== undefined) expect(said.caption).toMatch(caption);
    expect(said.help, JSON.stringify(said)).toContain(help);
  },
  60_000,
);

test('a secret that was removed after the deploy had looked', async () => {
  const yaml = file('secrets: [smtp-password, api-key]');
  const set = await wanted(stage.root, yaml);
  const [job] = set.compiled.clouds[0]?.jobs ?? [];
  if (job === undefined) throw new Error('the file has a service');
  await stage.agents.nomad.variables.put(secretsPath('web'), { smtp_password: 'x' });
  await stage.agents.nomad.jobs.register(job.spec);
  const { model, origins } = loadSource(yaml, { file: 'services.yml', environment: 'local' });
  const said = await until('the instance waits for it', async () => {
    const [allocation] = await stage.agents.nomad.jobs.allocations('web');
    const [cloud] = stage.target.clouds;
    const found = allocation && cloud ? await findInstance(cloud, allocation) : null;
    return found?.kind === 'template' && blame(found, model, origins);
  });
  expect(said).toMatchObject({
    code: 'TDM-320',
    title: '"web" waits for the secret "api-key" that is not set',
  });
  expect(at(said, yaml)).toBe('7: api-key');
  expect(said.help[0]).toContain('./tandem secret set web api-key');
  await stage.agents.nomad.jobs.deregister('web', { purge: true });
});
