import { afterAll, describe, expect, test } from 'vitest';
import { editedFile } from '../support/edited-file.ts';
import { stack, tandem, tandemJson } from '../support/tandem.ts';
import { until } from '../support/until.ts';

interface PlanJson {
  changes: boolean;
  clouds: {
    jobs: { job: string; action: string; effect: { words: string } }[];
    routes: { words: string }[];
  }[];
}

interface Allocation {
  ID: string;
  ClientStatus: string;
}

async function running(job: string): Promise<string[]> {
  const response = await fetch(`${stack().nomad}/v1/job/${job}/allocations`);
  const allocations = (await response.json()) as Allocation[];
  return allocations
    .filter(({ ClientStatus }) => ClientStatus === 'running')
    .map(({ ID }) => ID)
    .sort();
}

/** Whatever a test did, the stack ends as services.yml says. */
afterAll(async () => {
  const { code, stderr } = await tandem(['deploy']);
  expect(code, stderr).toBe(0);
});

describe('the stack that `up` left', () => {
  test('answers at the edge', async () => {
    const response = await fetch(`${stack().edge}/healthz`);
    expect(response.status).toBe(200);
  });

  test('is what services.yml says: the plan is empty', async () => {
    const { code, stdout, stderr } = await tandem(['plan']);
    expect(code, stdout + stderr).toBe(0);
  });

  test('`up` again changes nothing and prints the addresses', async () => {
    const before = await running('auth');
    const { code, stdout, stderr } = await tandem(['up']);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(stack().edge);
    expect(await running('auth')).toEqual(before);
  });

  test('every service is healthy', async () => {
    const { code, stdout, stderr } = await tandem(['status']);
    expect(code, stdout + stderr).toBe(0);
  });
});

describe('a change of services.yml', () => {
  test('one more instance starts beside the others, which go on', async () => {
    const before = await running('rooms');
    using file = editedFile('scaled', (document) => document.setIn(['services', 'rooms', 'instances'], 3));
    const planned = await tandemJson<PlanJson>('plan', '--file', file.path);
    expect(planned.clouds[0]?.jobs.filter(({ action }) => action !== 'none').map(({ job }) => job)).toEqual([
      'rooms',
    ]);
    const { code, stdout, stderr } = await tandem(['deploy', '--file', file.path]);
    expect(code, stdout + stderr).toBe(0);
    const after = await running('rooms');
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining(before));
    expect((await tandem(['plan', '--file', file.path])).code).toBe(0);
  });

  test('a new route goes live without a restart', async () => {
    const before = await running('rooms');
    const edge = await running('edge');
    using file = editedFile('routed', (document) => {
      document.setIn(['services', 'rooms', 'instances'], 3);
      document.setIn(['services', 'rooms', 'routes'], ['/api/rooms', '/api/halls']);
    });
    const { code, stdout, stderr } = await tandem(['deploy', '--file', file.path]);
    expect(code, stdout + stderr).toBe(0);
    const response = await fetch(`${stack().edge}/api/halls`);
    // From the service itself, which does not know the path: the edge's own answer would name another code.
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await running('rooms')).toEqual(before);
    expect(await running('edge')).toEqual(edge);
  });

  test('a version that fails its health check is put back, and the screen says why', async () => {
    const before = await running('rooms');
    using file = editedFile('sick', (document) => {
      document.setIn(['services', 'rooms', 'instances'], 3);
      document.setIn(['services', 'rooms', 'health'], '/there/is/no/such/path');
      document.setIn(['services', 'rooms', 'update'], { healthy: '1s', deadline: '15s' });
    });
    const { code, stdout, stderr } = await tandem(['deploy', '--file', file.path]);
    expect(code, stdout + stderr).toBe(1);
    expect(stderr + stdout).toMatch(/services\.sick\.yml:\d+:\d+/);
    expect(
      await until('the old instances are the only ones', async () => {
        const now = await running('rooms');
        return now.length === 3 && now;
      }),
    ).toEqual(expect.arrayContaining(before.slice(0, 1)));
  });

  test('more memory than any machine has is refused at once, at its line', async () => {
    using file = editedFile('huge', (document) => document.setIn(['services', 'rooms', 'memory'], 900_000));
    const started = performance.now();
    const { code, stdout, stderr } = await tandem(['deploy', '--file', file.path]);
    expect(code).not.toBe(0);
    expect(stderr + stdout).toMatch(/services\.huge\.yml:\d+:\d+/);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('a typo is bad input: nothing is touched', async () => {
    using file = editedFile('typo', (document) => document.setIn(['services', 'rooms', 'instnaces'], 2));
    const { code, stderr } = await tandem(['deploy', '--file', file.path]);
    expect(code).toBe(2);
    expect(stderr).toContain('instances');
  });
});
