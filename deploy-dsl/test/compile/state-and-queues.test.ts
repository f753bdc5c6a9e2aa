import { describe, expect, test } from 'vitest';
import { App } from './compiled-yaml.ts';

/** What a service keeps, hears and must not tell: the line of services.yml, and what it makes. */

describe('redis', () => {
  test('none unless asked for', () => {
    const app = App.production('');
    expect(app.jobs).toEqual(['rabbitmq', 'edge', 'app']);
    expect(app.group().Tasks).toHaveLength(1);
    expect(Object.keys(app.env).filter((name) => name.startsWith('REDIS'))).toEqual([]);
  });

  test('a cache is beside the instance, up before it, reachable from it alone, and forgets what is old', () => {
    const app = App.production('redis: { memory: 80 }');
    expect(app.jobs).not.toContain('app-redis');
    expect(app.env.REDIS_URL).toBe('redis://127.0.0.1:${NOMAD_PORT_redis}');
    const cache = app.task('redis');
    expect(cache.Lifecycle).toEqual({ Hook: 'prestart', Sidecar: true });
    expect(cache.Resources).toEqual({ CPU: 50, MemoryMB: 80, MemoryMaxMB: 160 });
    const options = JSON.stringify(cache.Config.args);
    expect(options).toContain('"--bind","127.0.0.1"');
    expect(options).toContain('"--maxmemory","60mb","--maxmemory-policy","allkeys-lru"');
    expect(options).toContain('"--appendonly","no"');
  });

  test('a persistent one is a job of its own that is started first, and refuses to forget', () => {
    const app = App.production('redis: { persistent: true, memory: 80 }, instances: 3');
    expect(app.jobs).toEqual(['rabbitmq', 'edge', 'app-redis', 'app']);
    expect(app.env.REDIS_SERVICE).toBe('app-redis');
    expect(app.env).not.toHaveProperty('REDIS_URL');
    expect(app.group('app-redis')).toMatchObject({ Count: 1, Volumes: { data: { Source: 'app-redis' } } });
    const options = JSON.stringify(app.task('redis', 'app-redis').Config.args);
    expect(options).toContain('"--maxmemory-policy","noeviction"');
    expect(options).toContain('"--appendonly","yes","--appendfsync","everysec","--dir","/data"');
  });

  test('there are never two on the same file: not in an update, and not when a machine was cut off', () => {
    const app = App.production('redis: { persistent: true }');
    for (const id of ['app-redis', 'rabbitmq']) {
      expect(app.job(id).Update).toMatchObject({ Canary: 0, MaxParallel: 1 });
      expect(app.group(id).Disconnect).toMatchObject({ Replace: false, Reconnect: 'keep_original' });
    }
    expect(app.group().Disconnect).toBeUndefined();
  });

  test('as a process it keeps its data in the folder for what outlives an instance', () => {
    const app = App.local('redis: { persistent: true }');
    expect(app.group('app-redis').Volumes).toBeUndefined();
    expect(app.task('redis', 'app-redis').Config.args).toContain('${meta.tandem_data}/app-redis');
  });
});

describe('volumes', () => {
  test('in a container: mounted where the file says', () => {
    const app = App.production('volumes: { recordings: /var/data }');
    expect(app.group().Volumes).toEqual({
      recordings: { Name: 'recordings', Type: 'host', Source: 'app-recordings', ReadOnly: false },
    });
    expect(app.task().VolumeMounts).toEqual([
      { Volume: 'recordings', Destination: '/var/data', ReadOnly: false },
    ]);
    expect(app.env.VOLUME_RECORDINGS).toBe('/var/data');
  });

  test('as a process: a folder that is made before the program starts, which gets its words unchanged', () => {
    const app = App.local('volumes: { recordings: /var/data }, command: [node, a b.ts, "${X}"]');
    const folder = '${meta.tandem_data}/app/recordings';
    expect(app.env.VOLUME_RECORDINGS).toBe(folder);
    const { command, args } = app.task().Config;
    expect([command, args]).toEqual([
      'sh',
      ['-c', 'mkdir -p "$1" && shift 1 && exec "$@"', 'sh', folder, 'node', 'a b.ts', '$${X}'],
    ]);
  });
});

describe('secrets', () => {
  const app = App.production('secrets: [smtp-password, key], publishes: [a.b]');

  test('are files from Nomad variables that this job alone may read; the environment has their paths', () => {
    expect(app.task().Templates?.map(({ DestPath, EmbeddedTmpl }) => [DestPath, EmbeddedTmpl])).toEqual([
      ['secrets/smtp-password', '{{ with nomadVar "nomad/jobs/app" }}{{ .smtp_password }}{{ end }}'],
      ['secrets/key', '{{ with nomadVar "nomad/jobs/app" }}{{ .key }}{{ end }}'],
      ['secrets/rabbitmq-password', '{{ with nomadVar "nomad/jobs" }}{{ .rabbitmq_password }}{{ end }}'],
    ]);
    expect(app.env).toMatchObject({
      SMTP_PASSWORD_FILE: '${NOMAD_SECRETS_DIR}/smtp-password',
      RABBITMQ_PASSWORD_FILE: '${NOMAD_SECRETS_DIR}/rabbitmq-password',
    });
  });

  test('a missing one stops the start, a changed one is read by new instances only: Nomad would restart all at once', () => {
    for (const template of app.task().Templates ?? []) {
      expect(template).toMatchObject({ ErrMissingKey: true, ChangeMode: 'noop' });
    }
  });

  test('in a container whoever runs there may read them, as a process its user only', () => {
    expect(app.task().Templates?.map(({ Perms }) => Perms)).toEqual(['0444', '0444', '0444']);
    expect(
      App.local('secrets: [key]')
        .task()
        .Templates?.map(({ Perms }) => Perms),
    ).toEqual(['0400']);
  });

  test('the services know the user of RabbitMQ that its server makes', () => {
    const configuration = app.task('rabbitmq', 'rabbitmq').Templates?.[0];
    expect(configuration?.EmbeddedTmpl).toContain(`default_user = ${app.env.RABBITMQ_USER}\n`);
    expect(configuration?.DestPath).toBe('secrets/rabbitmq.conf');
    const here = App.local('publishes: [a.b]');
    const there = here.task('rabbitmq', 'rabbitmq').Templates?.[0]?.EmbeddedTmpl;
    expect(there).toContain(`default_user = ${here.env.RABBITMQ_USER}\n`);
  });
});

describe('queues', () => {
  const consumes =
    'publishes: [x.y], consumes: [user.created, { queue: index, events: ["room.*", "user.#"], prefetch: 50, retries: [1500ms, 10s, 10s, 1h] }]';

  test('the service is told the names that the topology has', () => {
    const app = App.production(consumes);
    const told: { queue: string; retries: string[]; dead: string }[] = JSON.parse(app.env.QUEUES ?? '');
    expect(told).toEqual([
      {
        queue: 'app.events',
        events: ['user.created'],
        prefetch: 10,
        retries: [1, 10]
          .map((wait) => `app.events.retry.${wait}s`)
          .concat('app.events.retry.1m', 'app.events.retry.10m'),
        dead: 'app.events.dead',
      },
      {
        queue: 'app.index',
        events: ['room.*', 'user.#'],
        prefetch: 50,
        retries: [
          'app.index.retry.1500ms',
          'app.index.retry.10s',
          'app.index.retry.10s',
          'app.index.retry.1h',
        ],
        dead: 'app.index.dead',
      },
    ]);
    const names = told.flatMap(({ queue, retries, dead }) => [queue, ...retries, dead]);
    expect(app.topology.queues.map(({ name }) => name)).toEqual([...new Set(names)]);
  });

  test('a message that cannot be handled goes round by a queue for each wait, and ends with the dead', () => {
    const { queues, bindings } = App.production(consumes).topology;
    const of = (name: string) => queues.find((queue) => queue.name === name)?.arguments;
    const safely = { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };
    expect(of('app.index')).toEqual({
      'x-queue-type': 'quorum',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'app.index.dead',
      'x-delivery-limit': 20,
      ...safely,
    });
    expect(of('app.index.retry.1h')).toEqual({
      'x-queue-type': 'quorum',
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'app.index',
      'x-message-ttl': 3_600_000,
      ...safely,
    });
    expect(of('app.index.dead')).toEqual({ 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000_000 });
    expect(bindings.map(({ queue, routingKey }) => `${routingKey} → ${queue}`)).toEqual([
      'user.created → app.events',
      'room.* → app.index',
      'user.# → app.index',
    ]);
  });

  test('no retries: straight to the dead letters', () => {
    const app = App.production('publishes: [x.y], consumes: [{ events: [x.y], retries: [] }]');
    expect(app.topology.queues.map(({ name }) => name)).toEqual(['app.events', 'app.events.dead']);
  });

  test('who only publishes knows RabbitMQ and no queue; who does neither knows nothing of it', () => {
    expect(App.production('publishes: [x.y]').env).toMatchObject({ RABBITMQ_SERVICE: 'rabbitmq' });
    expect(App.production('publishes: [x.y]').env).not.toHaveProperty('QUEUES');
    expect(Object.keys(App.production('').env).filter((name) => name.startsWith('RABBIT'))).toEqual([]);
  });
});

describe('the environment', () => {
  test('what the platform says cannot be overridden, and a text stays as it was written', () => {
    const app = App.production('env: { LEVEL: 1.10, ON: true, TEXT: "a: b" }');
    expect(app.env).toMatchObject({ LEVEL: '1.10', ON: 'true', TEXT: 'a: b', SERVICE_NAME: 'app' });
  });
});

describe('the edge', () => {
  test('is on every machine, and is started again there for ever: Nomad places it nowhere else', () => {
    const app = App.production('');
    expect(app.job('edge').Type).toBe('system');
    expect(app.group('edge').RestartPolicy?.Mode).toBe('delay');
    expect(app.group('edge').ReschedulePolicy).toBeUndefined();
  });

  test('does not change with the services', () => {
    const one = App.production('').job('edge');
    const other = App.production('routes: [/a, /b], instances: 7, memory: 500').job('edge');
    expect(other).toEqual(one);
  });
});
