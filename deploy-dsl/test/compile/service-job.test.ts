import { describe, expect, test } from 'vitest';
import { App, compiled } from './compiled-yaml.ts';

/** What a line of services.yml makes of the job: the line, and the piece of the job. */

const second = 1_000_000_000;
const production = (app: string) => App.production(app);
const local = (app: string) => App.local(app);

describe('memory and cpu', () => {
  test.each([
    ['memory: 200', { CPU: 100, MemoryMB: 200 }],
    ['memory: 2GB, cpu: 1500', { CPU: 1500, MemoryMB: 2048 }],
    ['memory: { soft: 100, hard: 300 }', { CPU: 100, MemoryMB: 100, MemoryMaxMB: 300 }],
    // Equal limits are one limit.
    ['memory: { soft: 100, hard: 100 }', { CPU: 100, MemoryMB: 100 }],
  ])('%s', (app, resources) => {
    expect(production(app).task().Resources).toEqual(resources);
  });
});

describe('instances', () => {
  const scaling = (app: string) => {
    const { Count, Scaling } = production(app).group();
    return { Count, Min: Scaling?.Min, Max: Scaling?.Max, Enabled: Scaling?.Enabled };
  };
  test.each([
    ['instances: 3', { Count: 3 }],
    ['instances: 0', { Count: 0 }],
    ['instances: 3..3', { Count: 3 }],
    ['instances: 2..8', { Count: 2, Min: 2, Max: 8, Enabled: true }],
    ['instances: 2..', { Count: 2, Min: 2, Max: 100, Enabled: true }],
    ['instances: { aws: 4, gcp: 1 }', { Count: 4 }],
  ])('%s', (app, expected) => {
    expect(scaling(app)).toEqual({ Min: undefined, Max: undefined, Enabled: undefined, ...expected });
  });

  test('the autoscaler compares the use of CPU with what is reserved', () => {
    expect(JSON.stringify(production('instances: 2..8').group().Scaling?.Policy)).toContain(
      '"query":"avg_cpu-allocated"',
    );
  });

  test('a cloud that is not named has no job', () => {
    expect(production('instances: { gcp: 1 }').jobs).toEqual(['rabbitmq', 'edge']);
  });
});

describe('how a version replaces another', () => {
  const policy = (app: App) => {
    const { Canary, AutoPromote, AutoRevert, MaxParallel } = app.job().Update ?? {};
    return { Canary, AutoPromote, AutoRevert, MaxParallel };
  };
  const rolling = { Canary: 1, AutoPromote: true, AutoRevert: true, MaxParallel: 1 };
  test.each([
    ['one alone', '', rolling],
    ['two or three: all the new ones beside the old ones', 'instances: 3', { Canary: 3 }],
    ['more: one beside the old ones first, then the rest', 'instances: 4', rolling],
    ['as the file says', 'update: { parallel: 2, revert: false }', { MaxParallel: 2, AutoRevert: false }],
    // The deploy promotes it, when it has baked.
    ['canaries for their share', 'instances: 20, update: { canary: 10% }', { Canary: 2, AutoPromote: false }],
    ['at least one', 'instances: 5, update: { canary: 1% }', { AutoPromote: false }],
    ['of two, both', 'instances: 2, update: { canary: 1% }', { Canary: 2, AutoPromote: false }],
    ['rounded up', 'instances: 11, update: { canary: 10% }', { Canary: 2, AutoPromote: false }],
    ['by the lower end of a range', 'instances: 10..40, update: { canary: 10% }', { AutoPromote: false }],
    ['none is wanted: none is tried', 'instances: 0', { Canary: 0, AutoPromote: false }],
    ['a fixed port: in place', 'ports: { rtc: 7000 }', { Canary: 0, AutoPromote: false }],
    ['a shared range: beside the old ones', 'instances: 2, ports: { rtc: 7000..7009 shared }', { Canary: 2 }],
    ['a volume has one writer: in place', 'volumes: { data: /data }', { Canary: 0, AutoPromote: false }],
    [
      'also with a canary',
      'volumes: { data: /data }, instances: 2, update: { canary: 10% }',
      { Canary: 0, AutoPromote: false },
    ],
  ])('%s: %s', (_, app, expected) => {
    expect(policy(production(app))).toEqual({ ...rolling, ...expected });
  });

  test.each([
    ['healthy: 3s, deadline: 20s', { MinHealthyTime: 3, HealthyDeadline: 20, ProgressDeadline: 80 }],
    // Nomad takes no job whose instances may take longer to end than the rollout may last.
    ['drain: 30m, deadline: 1m', { MinHealthyTime: 5, HealthyDeadline: 60, ProgressDeadline: 1862 }],
  ])('%s', (update, expected) => {
    const {
      MinHealthyTime = 0,
      HealthyDeadline = 0,
      ProgressDeadline = 0,
    } = production(`update: { ${update} }`).job().Update ?? {};
    const seconds = [MinHealthyTime, HealthyDeadline, ProgressDeadline].map((time) => time / second);
    expect(seconds).toEqual(Object.values(expected));
  });

  test('a canary with a fixed port goes to machines that are free, and there is none where none is', () => {
    const canaries = (machines: number, percent: number) => {
      const clouds = `clouds: { aws: { nodes: { default: { count: ${machines}, cpu: 4000, memory: 8000 } } } }`;
      const app = `{ version: 1.0.0, instances: 4, ports: { rtc: 7000 }, update: { canary: ${percent}% } }`;
      const environments = 'environments: { production: { registry: registry.example } }';
      const { clouds: found } = compiled(
        `tandem: 1\n${clouds}\nservices: { app: ${app} }\n${environments}\n`,
        'production',
      );
      return found[0]?.jobs.find(({ spec }) => spec.ID === 'app')?.spec.Update?.Canary;
    };
    expect([canaries(8, 50), canaries(5, 50), canaries(4, 10)]).toEqual([2, 1, 0]);
    expect(local('ports: { rtc: 7000 }, update: { canary: 10% }').job().Update).toMatchObject({
      Canary: 0,
      AutoPromote: false,
    });
  });

  test('only a weighted canary has a tag of its own, with which the edge weighs it', () => {
    const tags = (app: string) => production(app).group().Services[0];
    expect(tags('instances: 3')).toMatchObject({ Tags: ['stable'] });
    expect(tags('instances: 3')).not.toHaveProperty('CanaryTags');
    expect(tags('instances: 3, update: { canary: 20% }')).toMatchObject({
      Tags: ['stable'],
      CanaryTags: ['canary'],
    });
  });
});

describe('how an instance ends', () => {
  test('out of Consul first, then asked, then ended: a little after it should have ended itself', () => {
    const app = production('update: { drain: 45s }');
    expect(app.group().ShutdownDelay).toBe(3 * second);
    expect(app.task()).toMatchObject({ KillSignal: 'SIGTERM', KillTimeout: 47 * second });
    expect(app.env.SHUTDOWN_TIMEOUT_MS).toBe('45000');
  });

  test('started again where it is, at once; then elsewhere, without end, with growing waits', () => {
    const { RestartPolicy, ReschedulePolicy } = production('').group();
    expect(RestartPolicy).toMatchObject({ Mode: 'fail', Attempts: 10, Delay: 0.25 * second });
    expect(ReschedulePolicy).toMatchObject({ Unlimited: true, DelayFunction: 'exponential' });
  });

  test('its log is rotated', () => {
    expect(production('').task().LogConfig).toEqual({ MaxFiles: 5, MaxFileSizeMB: 10 });
  });
});

describe('health', () => {
  test.each([
    ['health: /up', { Path: '/up', Interval: second, Timeout: second }],
    [
      'health: { interval: 10s, timeout: 3s }',
      { Path: '/healthz/ready', Interval: 10 * second, Timeout: 3 * second },
    ],
  ])('%s', (app, expected) => {
    const checks = production(app).group().Services[0]?.Checks ?? [];
    expect(checks).toEqual([{ Name: 'app ready', Type: 'http', FailuresBeforeCritical: 3, ...expected }]);
  });

  test('what hangs is restarted, and whoever starts does not wait to be found alive', () => {
    const app = production('health: { live: /up }, update: { deadline: 20s }');
    expect(app.group().Services[0]?.Checks[1]).toMatchObject({
      Path: '/up',
      InitialStatus: 'passing',
      CheckRestart: { Limit: 1, Grace: 20 * second },
    });
  });
});

describe('placement', () => {
  const placed = (app: App) => [app.job().Constraints, app.job().Spreads];
  const inClass = (name: string) => [{ LTarget: '${node.class}', RTarget: name, Operand: '=' }];
  test.each([
    ['', [inClass('default'), [{ Attribute: '${meta.zone}', Weight: 100 }]]],
    ['spread: node', [inClass('default'), [{ Attribute: '${node.unique.id}', Weight: 100 }]]],
    ['spread: false', [inClass('default'), undefined]],
    ['class: media', [inClass('media'), [{ Attribute: '${meta.zone}', Weight: 100 }]]],
  ])('%s', (app, expected) => {
    expect(placed(production(app))).toEqual(expected);
    // There is one machine, of no class.
    expect(placed(local(app))).toEqual([undefined, undefined]);
  });

  test('each cloud is a region with one datacenter of its name', () => {
    expect(production('').job()).toMatchObject({ Region: 'aws', Datacenters: ['aws'] });
    expect(local('').job()).toMatchObject({ Region: 'local', Datacenters: ['local'] });
  });

  test('the edge goes before data, and data before services, where there is no room for all', () => {
    const app = production('redis: { persistent: true }');
    const priorities = ['edge', 'rabbitmq', 'app-redis', 'app'].map((id) => app.job(id).Priority ?? 50);
    expect(priorities).toEqual([80, 70, 70, 50]);
  });
});

describe('what is started', () => {
  const config = (app: App) => app.task().Config;
  const host = { network_mode: 'host', init: true };
  test.each([
    ['', { image: 'registry.example/app:1.2.3' }],
    ['version: 2.0.0', { image: 'registry.example/app:2.0.0' }],
    ['image: team/thing', { image: 'registry.example/team/thing:1.2.3' }],
    ['image: "other.example:5000/thing:9"', { image: 'other.example:5000/thing:9' }],
    ['image: localhost/thing', { image: 'localhost/thing:1.2.3' }],
    [
      'command: node server.ts',
      { image: 'registry.example/app:1.2.3', command: 'node', args: ['server.ts'] },
    ],
  ])('as a container: %s', (app, expected) => {
    expect(production(app).task().Driver).toBe('docker');
    expect(config(production(app))).toEqual({ ...host, ...expected });
  });

  test.each([
    ['', { command: 'node', args: ['src/main.ts'] }],
    ['command: [sh, -c, "echo a b"]', { command: 'sh', args: ['-c', 'echo a b'] }],
    // Nomad would take these for its own.
    ['command: [sh, -c, "echo ${HOME} %{x} $1"]', { command: 'sh', args: ['-c', 'echo $${HOME} %%{x} $1'] }],
  ])('as a process: %s', (app, expected) => {
    const builds = '${meta.tandem_builds}/app-unbuilt/service';
    expect(local(app).task().Driver).toBe('raw_exec');
    expect(config(local(app))).toEqual({ ...expected, work_dir: builds });
  });

  test('the version is what the image has, and the service is told it', () => {
    const app = production('image: other.example/thing:9');
    expect(app.env.SERVICE_VERSION).toBe('9');
    expect(app.job().Meta).toEqual({
      tandem_environment: 'production',
      tandem_service: 'app',
      tandem_version: '9',
    });
  });
});

describe('ports', () => {
  const reserved = (app: string) => production(app).group().Networks[0]?.ReservedPorts;
  test('the one for HTTP is chosen by Nomad, on the address of the machine', () => {
    expect(production('').group().Networks).toEqual([{ Mode: 'host', DynamicPorts: [{ Label: 'http' }] }]);
    expect(production('').env).toMatchObject({ HOST: '${NOMAD_IP_http}', PORT: '${NOMAD_PORT_http}' });
  });

  test('a fixed one, and a range, port by port', () => {
    expect(reserved('ports: { turn: 3478, rtc: 40000..40002/udp }')).toEqual([
      { Label: 'turn', Value: 3478 },
      { Label: 'rtc-40000', Value: 40_000 },
      { Label: 'rtc-40001', Value: 40_001 },
      { Label: 'rtc-40002', Value: 40_002 },
    ]);
    expect(production('ports: { turn: 3478, rtc: 40000..40002/udp }').env).toMatchObject({
      PORT_TURN: '3478',
      PORT_RTC_FROM: '40000',
      PORT_RTC_TO: '40002',
    });
  });

  test('one number for TCP and UDP is set aside once, as Nomad wants it', () => {
    const app = 'ports: { turn: 3478, turn-udp: 3478/udp }';
    expect(reserved(app)).toEqual([{ Label: 'turn', Value: 3478 }]);
    expect(production(app).env).toMatchObject({ PORT_TURN: '3478', PORT_TURN_UDP: '3478' });
  });

  test('whoever has fixed ports is told how the machine is reached from outside, but on this machine', () => {
    expect(production('ports: { turn: 3478 }').env.PUBLIC_ADDRESS).toBe('${meta.public_address}');
    expect(production('').env).not.toHaveProperty('PUBLIC_ADDRESS');
    expect(local('ports: { turn: 3478 }').env).not.toHaveProperty('PUBLIC_ADDRESS');
  });

  test("a shared range is nobody's alone: Nomad does not set it aside, and the instance is told of it", () => {
    const app = 'ports: { turn: 3478, rtc: 40000..40002/udp shared }';
    expect(reserved(app)).toEqual([{ Label: 'turn', Value: 3478 }]);
    expect(production(app).env).toMatchObject({ PORT_RTC_FROM: '40000', PORT_RTC_TO: '40002' });
  });
});
