import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planData } from '../../src/plan/data.ts';
import { until } from '../support/until.ts';
import { openStage, type Stage } from './stage.ts';

/** What a plan says of the calls that go on while it is made: of instances that Nomad runs and Consul knows. */

interface Given {
  media?: string;
  memory?: string;
  line?: string;
  rooms?: string;
}

const file = ({ media = '2', memory = '32', line = 'one', rooms = 'one' }: Given = {}) => `
tandem: 1
defaults: { memory: 32, health: { interval: 1s }, update: { healthy: 1s, drain: 1s } }
services:
  media:
    instances: ${media}
    memory: ${memory}
    command: node src/media.js ${calls}
    ports: { rtc: 32200..32203/udp shared }
  line:
    calls: [media]
    routes: [{ path: /line, websocket: true }]
    env: { NAME: ${line} }
  rooms: { calls: [media], routes: [/rooms], env: { NAME: ${rooms} } }
`;

/** Each media server takes one of these files as its calls, and answers as a real one does. */
const media = `
import { renameSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const folder = process.argv[2];
let mine = null;
for (const name of ['a', 'b']) {
  try {
    if (mine === null) renameSync(folder + '/' + name, folder + '/' + name + '-' + process.pid);
    mine ??= folder + '/' + name + '-' + process.pid;
  } catch {}
}
createServer((request, response) => {
  if (request.url !== '/internal/calls') return response.end('ok');
  response.end(mine === null ? '{"draining":false,"calls":[]}' : readFileSync(mine));
}).listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
`;

let stage: Stage;
let calls: string;

beforeAll(async () => {
  stage = await openStage(['media', 'line', 'rooms']);
  calls = stage.root;
  await writeFile(join(stage.root, 'services/media/src/media.js'), media);
  await carry('a', [2, 3]);
  await carry('b', [1]);
  await stage.deploy(file());
  await until('both media servers are known', async () => {
    const entries = await stage.target.clouds[0]?.consul.health('media');
    return entries?.length === 2;
  });
});
afterAll(() => stage?.stop());

/** A media server that starts next carries calls of so many people. */
async function carry(name: string, people: number[]): Promise<void> {
  const list = people.map((each, i) => ({ room: `${name}${i}`, people: each }));
  await writeFile(join(calls, name), JSON.stringify({ draining: false, calls: list }));
}

test('a new version of the media servers moves all their calls', async () => {
  const shown = await stage.planned(file({ memory: '48' }));
  expect(shown).toContain('restarts 2 instances');
  expect(shown).toContain('moves 3 calls with 6 people');
  expect(shown).not.toContain('no call is touched');
});

test('of fewer media servers at most the fullest one stops', async () => {
  const plan = await stage.plan(file({ media: '1' }));
  expect(planData(plan).calls).toEqual([
    { cloud: 'local', job: 'media', how: 'move', calls: 2, people: 5, atMost: true },
  ]);
  expect(await stage.planned(file({ media: '1' }))).toContain(
    '1 fewer, no restart, moves up to 2 calls with 5 people',
  );
});

test('more media servers touch nothing', async () => {
  expect(await stage.planned(file({ media: '3' }))).toContain('no call is touched');
});

test('what people have their WebSockets with opens the lines of the calls anew', async () => {
  const shown = await stage.planned(file({ line: 'two' }));
  expect(shown).toContain('opens the lines of 3 calls with 6 people anew');
});

test('whoever asks the media servers without a line of its own touches no call', async () => {
  const shown = await stage.planned(file({ rooms: 'two' }));
  expect(shown).toContain('restarts 1 instance');
  expect(shown).toContain('no call is touched');
});

test('media servers that the file leaves out end their calls', async () => {
  const without = `
tandem: 1
defaults: { memory: 32, health: { interval: 1s }, update: { healthy: 1s, drain: 1s } }
services:
  line: { routes: [{ path: /line, websocket: true }], env: { NAME: one } }
  rooms: { routes: [/rooms], env: { NAME: one } }
`;
  expect(await stage.planned(without)).toContain('stops 2 instances, ends 3 calls with 6 people');
});

test('a file without media servers does not speak of calls', async () => {
  const other = await openStage(['web']);
  try {
    const yaml = 'tandem: 1\nservices:\n  web: { memory: 32 }\n';
    expect(await other.planned(yaml)).not.toContain('call');
    expect(planData(await other.plan(yaml)).calls).toBeNull();
  } finally {
    await other.stop();
  }
});
