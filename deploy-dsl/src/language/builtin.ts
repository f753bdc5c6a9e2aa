/**
 * What holds where the file says nothing. The weakest layer of all; shown by `plan --explain` as "built in", in the
 * editor as the default of a key, and in the reference page. Written as in the file, units and all.
 */
export const builtin = {
  service: {
    instances: 1,
    cpu: 100,
    memory: 128,
    class: 'default',
    spread: 'zone',
    /** Under raw_exec only; an image has an entry point of its own. */
    command: 'node src/main.ts',
  },
  route: {
    websocket: false,
    body: '1MB',
    timeout: '30s',
    /** A WebSocket is silent for long; the edge must not take that for a dead service. */
    websocketTimeout: '1h',
  },
  redis: { persistent: false, memory: 64, pool: 2 },
  consume: {
    queue: 'events',
    prefetch: 10,
    retries: ['1s', '10s', '1m', '10m'],
  },
  health: { path: '/healthz/ready', interval: '1s', timeout: '1s' },
  update: {
    bake: '1m',
    healthy: '5s',
    deadline: '3m',
    parallel: 1,
    revert: true,
    drain: '10s',
  },
  edge: { port: 80, localPort: 8080, limit: '500/s per address', memory: 128 },
  rabbitmq: { memory: 512, connections: 1000, pool: 2 },
} as const;

/** `2..` has no upper end in the file; this many instances per cloud is where the autoscaler stops. */
export const openEndedMax = 100;
