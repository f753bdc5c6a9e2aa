import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edgeTemplateDigest } from '../../src/compile/edge/template.ts';
import { until } from '../support/until.ts';
import { type EdgeStack, startEdgeStack } from './edge-stack.ts';

/** Whatever breaks, the edge serves on. The scenarios build on each other: one edge lives through all of them. */

const service = (routes: string, instances = 2, more = '') => `
tandem: 1
edge: { limit: 100000/s per address }
defaults: { health: { interval: 1s, timeout: 30s }, update: { healthy: 1s, drain: 2s } }
services:
  echo:
    directory: echo
    instances: ${instances}
    routes: [${routes}]
    env: { MORE: "${more}" }
`;

let stack: EdgeStack;

beforeAll(async () => {
  stack = await startEdgeStack(import.meta.dirname);
});

afterAll(async () => stack.stop());

test('before any template was published nginx is up and says that it is starting', async () => {
  const { jobs } = await stack.compiled(service('/echo'));
  const edge = jobs.find(({ spec }) => spec.ID === 'edge');
  if (edge === undefined) throw new Error('every cloud has an edge');
  await stack.nomad.jobs.register(edge.spec);
  const health = await until('nginx answers', () => fetch(`${stack.edge}/healthz`));
  expect([health.status, await health.json()]).toEqual([503, { status: 'starting', template: null }]);
  const answer = await fetch(`${stack.edge}/echo`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('2');
  expect(await answer.json()).toMatchObject({ code: 'unavailable', status: 503 });
});

describe('with a service of two instances', () => {
  test('the first template is live, and its instances are served', async () => {
    await stack.deploy(service('/echo'), ['echo']);
    await until('the outcome is recorded', async () => (await stack.outcome())?.ok === true);
    await until('both instances are asked', async () => (await askedInstances()).size === 2);
    // The workers before those knew one instance, or none.
    await until('no other worker answers', () => processes(isWorker).length === 2);
  });

  test('a crash costs no GET, the instance is replaced in place, and is asked again', async () => {
    const load = startLoad('GET');
    const { pid, instance } = await echo();
    process.kill(pid, 'SIGKILL');
    const restarted = await until('another process answers for the instance', async () => {
      const answer = await echo();
      return answer.instance === instance && answer.pid !== pid && answer;
    });
    expect(restarted.pid).not.toBe(pid);
    await until('enough was asked', () => load.answered() > 50);
    expect((await load.end()).failed).toEqual([]);
  });

  test('a rolling update under load loses neither a GET nor a POST', async () => {
    const loads = [startLoad('GET'), startLoad('POST')];
    const before = await stack.instances('echo');
    await stack.deploy(service('/echo', 2, 'another version'), ['echo']);
    await until('both instances are new ones', async () => {
      const now = await stack.instances('echo');
      return now.length === 2 && now.every((id) => !before.includes(id));
    });
    for (const load of loads) {
      const { ok, failed } = await load.end();
      expect(failed).toEqual([]);
      expect(ok).toBeGreaterThan(100);
    }
  });

  test('a new instance is asked, and a leaving one no more', async () => {
    const deployed = async () => (await stack.nomad.jobs.latestDeployment('echo'))?.Status === 'successful';
    await until('the update is over', deployed);
    await until('both instances are asked', async () => (await askedInstances()).size === 2);
    await stack.nomad.jobs.scale('echo', 'echo', 3);
    await until('Consul knows three', async () => (await stack.passing('echo')) === 3);
    await until('three are asked', async () => (await askedInstances()).size === 3);
    await until('Nomad is ready for more', deployed);
    await stack.nomad.jobs.scale('echo', 'echo', 2);
    await until('Consul knows two', async () => (await stack.passing('echo')) === 2);
    await until('two are asked', async () => (await askedInstances()).size === 2);
  });
});

describe('a template', () => {
  test('that is said to be live is what every new connection meets', async () => {
    const { edgeTemplate } = await stack.compiled(service('/echo, /at-once'));
    await stack.publish(edgeTemplate);
    const digest = edgeTemplateDigest(edgeTemplate);
    await until('it is said to be live', async () => (await stack.outcome())?.template === digest);
    const answers = await Promise.all(Array.from({ length: 50 }, () => statusOnNewConnection('/at-once')));
    expect(answers).toEqual(answers.map(() => 200));
  });

  test('with a new route is live without nginx being started again', async () => {
    const [before] = nginxMasters();
    await stack.deploy(service('/echo, /new'), []);
    await routed('/new');
    expect(nginxMasters()).toEqual([before]);
  });

  test('that nginx refuses is recorded with its origin, and the one before it follows the instances', async () => {
    const { edgeTemplate } = await stack.compiled(service('/echo, /new'));
    const good = await stack.live();
    const refused = republished(edgeTemplate).replace(
      /(# origin: services\.echo\.routes\.1\n.*\n)/,
      '$1      client_max_body_size lots;\n',
    );
    await stack.publish(refused);
    const outcome = await until('the refusal is recorded', async () => {
      const found = await stack.outcome();
      return found?.ok === false && found;
    });
    expect(outcome).toMatchObject({
      template: edgeTemplateDigest(refused),
      error: expect.stringContaining('"client_max_body_size" directive invalid value'),
      text: 'client_max_body_size lots;',
      origin: 'services.echo.routes.1',
    });
    expect(await stack.live()).toBe(good);

    const [gone = ''] = await stack.instances('echo');
    const load = startLoad('GET');
    await stack.nomad.allocations.stop(gone);
    await until('the replacement is asked, the old one no more', async () => {
      const asked = await askedInstances();
      return asked.size === 2 && !asked.has(gone);
    });
    expect((await load.end()).failed).toEqual([]);
  });

  test('that consul-template cannot read is recorded, too, and is never taken over', async () => {
    const good = await stack.live();
    const { edgeTemplate } = await stack.compiled(service('/echo, /new'));
    const broken = republished(`${edgeTemplate}\n{{ range }`);
    await stack.publish(broken);
    const outcome = await until('the refusal is recorded', async () => {
      const found = await stack.outcome();
      return found?.template === edgeTemplateDigest(broken) && found;
    });
    expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('template') });
    expect(await stack.live()).toBe(good);
    expect((await fetch(`${stack.edge}/new`)).status).toBe(200);
  });

  test('that cannot be rendered is recorded and given up, and the one before it follows the instances', async () => {
    const good = await stack.live();
    const { edgeTemplate } = await stack.compiled(service('/echo, /new'));
    const broken = republished(`${edgeTemplate}\n{{ index "text" "key" }}`);
    await stack.publish(broken);
    await until('the refusal is recorded', async () => {
      const found = await stack.outcome();
      return found?.ok === false && found.template === edgeTemplateDigest(broken);
    });
    const [gone = ''] = await stack.instances('echo');
    await stack.nomad.allocations.stop(gone);
    await until('the replacement is asked, the old one no more', async () => {
      const asked = await askedInstances();
      return asked.size === 2 && !asked.has(gone);
    });
    expect(await stack.live()).toBe(good);
  });

  test('that is mended is live again', async () => {
    await stack.deploy(service('/echo, /mended'), []);
    await until('the outcome is recorded', async () => (await stack.outcome())?.ok === true);
    await routed('/mended');
    await until('/new is gone', async () => (await fetch(`${stack.edge}/new`)).status === 404);
  });
});

describe('a crash', () => {
  test('of consul-template touches no request, and the next change is followed', async () => {
    const load = startLoad('GET');
    const renderer = theProcess(isRenderer);
    process.kill(renderer, 'SIGKILL');
    await until('it runs again', () => processes(isRenderer).some((pid) => pid !== renderer));
    await stack.deploy(service('/echo, /after-crash'), []);
    await routed('/after-crash');
    expect((await load.end()).failed).toEqual([]);
  });

  test("of nginx' master is over in seconds, with the last good configuration", async () => {
    const master = theMaster();
    process.kill(master, 'SIGKILL');
    await until('another master serves', async () => {
      const [now] = nginxMasters();
      return now !== undefined && now !== master && (await fetch(`${stack.edge}/after-crash`)).status === 200;
    });
    await until('of the old one nothing is left', () => nginxMasters().length === 1);
  });

  test('of the script around nginx leaves no second nginx behind', async () => {
    const master = theMaster();
    const script = theProcess(isScript);
    process.kill(script, 'SIGKILL');
    await until('another master serves, alone', async () => {
      const masters = nginxMasters();
      if (masters.length !== 1 || masters[0] === master) return false;
      return (await fetch(`${stack.edge}/after-crash`)).status === 200;
    });
    // Its pipe is read by one reader only: a change still goes through.
    await stack.deploy(service('/echo, /last'), []);
    await routed('/last');
  });
});

test('stopping the edge lets a request under way finish', async () => {
  const slow = await fetch(`${stack.edge}/echo?flush=yes&wait=1500`);
  await stack.nomad.jobs.deregister('edge');
  const answer: Echo = JSON.parse(await slow.text());
  expect(answer.instance).not.toBe('');
  await until('nginx is gone', () => nginxMasters().length === 0);
});

/** After a reload, workers of the former configuration still answer on connections that were idle. */
const routed = (path: string) =>
  until(`${path} is routed`, async () => (await fetch(`${stack.edge}${path}`)).status === 200);

interface Echo {
  instance: string;
  pid: number;
}
async function echo(): Promise<Echo> {
  return JSON.parse(await (await fetch(`${stack.edge}/echo`)).text());
}

async function askedInstances(): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: 12 }, () => echo()));
  return new Set(answers.map(({ instance }) => instance));
}

/** About a hundred requests a second until it is ended; every answer but 200 is a failure. */
function startLoad(method: 'GET' | 'POST') {
  const failed: string[] = [];
  let ok = 0;
  let ended = false;
  const client = async () => {
    while (!ended) {
      try {
        const answer = await fetch(`${stack.edge}/echo`, method === 'GET' ? {} : { method, body: 'x' });
        const body = await answer.text();
        if (answer.status === 200) ok += 1;
        else failed.push(`${answer.status} ${body}`);
      } catch (error) {
        failed.push(String(error instanceof Error ? (error.cause ?? error) : error));
      }
      await sleep(40);
    }
  };
  const clients = Promise.all(Array.from({ length: 4 }, client));
  return {
    answered: () => ok,
    end: async () => {
      ended = true;
      await clients;
      return { ok, failed };
    },
  };
}

/** The same template with another digest, as if it had been compiled from another file. */
function republished(template: string): string {
  const digest = edgeTemplateDigest(template) ?? '';
  const other = Buffer.from(String(Math.random())).toString('hex').slice(0, 16);
  return template.replaceAll(digest, other);
}

/** Processes of this stack's edge, by command line. */
function processes(match: (command: string) => boolean): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        const folder = readlinkSync(`/proc/${pid}/cwd`);
        return match(command) && folder.startsWith(stack.folder);
      } catch {
        return false;
      }
    });
}

/** The first of them. */
function theProcess(match: (command: string) => boolean): number {
  const [pid] = processes(match);
  if (pid === undefined) throw new Error('there is no such process');
  return pid;
}

const isRenderer = (command: string) => command.startsWith('consul-template -config');
const isMaster = (command: string) => command.startsWith('nginx: master process');
const isWorker = (command: string) => command.startsWith('nginx: worker process');
/** `fetch` would use connections that the workers of the former configuration still keep. */
const statusOnNewConnection = (path: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    get(`${stack.edge}${path}`, { agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });

const isScript = (command: string) => /^\S*sh \S+\/nginx\.sh$/.test(command);
const theMaster = () => theProcess(isMaster);
const nginxMasters = () => processes(isMaster);
