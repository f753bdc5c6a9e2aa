import type { Cloud, Model, NodeClass } from '../../../src/language/model.ts';
import { among, between, type Draw, maybe, Names, rarely } from './draw.ts';
import { drawEvents } from './events.ts';
import { drawRateLimit, drawService } from './service.ts';

/** Names that services cannot have, because the platform's jobs are called so. */
const platformJobs = ['edge', 'rabbitmq', 'nomad', 'nomad-client', 'consul'];

/** The model of one environment, of which a file can be written that has neither an error nor a warning. */
export function drawModel(draw: Draw): Model {
  const local = maybe(draw);
  const environment = local && maybe(draw) ? 'local' : new Names(['local']).next(draw);
  const clouds = local ? [thisMachine] : drawClouds(draw);
  const driver = rarely(draw, 4) === local ? 'docker' : 'raw_exec';
  const registry = driver === 'docker' && maybe(draw) ? 'registry.example:5000/team' : null;
  const edge = {
    port: maybe(draw) ? (local ? 8080 : 80) : between(draw, 9_000, 9_999),
    limit: drawRateLimit(draw),
    memoryMiB: between(draw, 1, 1_024),
  };
  const names = new Names(platformJobs);
  const services: Model['services'] = Object.create(null);
  let freePort = 33_000;
  for (let left = between(draw, 0, 4); left > 0; left--) {
    const name = names.next(draw);
    const earlier = Object.keys(services);
    const service = drawService(draw, name, { local, clouds, driver, registry, earlier, freePort });
    freePort = Math.max(freePort, ...service.ports.map(({ to }) => to + 1));
    services[name] = service;
  }
  drawEvents(draw, Object.values(services));
  const model = {
    environment,
    local,
    driver,
    registry,
    domain: maybe(draw) ? 'app.example.org' : null,
    clouds,
    services,
    edge,
    rabbitmq: { memoryMiB: between(draw, 1, 4_096), connections: 1_000_000, pool: between(draw, 1, 9) },
  } satisfies Model;
  model.rabbitmq.connections = between(draw, mostConnections(model), 1_000_000);
  return model;
}

const thisMachine: Cloud = { name: 'local', region: null, zones: [], nodes: null };

function drawClouds(draw: Draw): Cloud[] {
  const names = new Names(['local']);
  const classes = ['default', ...(maybe(draw) ? ['media'] : [])];
  return Array.from({ length: between(draw, 1, 3) }, () => ({
    name: names.next(draw),
    region: maybe(draw) ? among(draw, ['eu-west-1', 'europe-west1', '7']) : null,
    zones: maybe(draw) ? ['a-1', 'b-2'] : [],
    nodes: maybe(draw) ? drawNodes(draw, classes) : null,
  }));
}

/** Machines that hold whatever is drawn: what does not fit is a scenario of its own. */
function drawNodes(draw: Draw, classes: string[]): Record<string, NodeClass> {
  const nodes: Record<string, NodeClass> = Object.create(null);
  for (const name of classes) {
    nodes[name] = {
      count: between(draw, 100, 1_000),
      cpuMHz: between(draw, 1_000_000, 9_000_000),
      memoryMiB: between(draw, 8_000_000, 16_777_216),
    };
  }
  return nodes;
}

function mostConnections({ services, rabbitmq }: Model): number {
  const users = Object.values(services).filter(
    ({ publishes, consumes }) => publishes.length + consumes.length > 0,
  );
  const most = users
    .flatMap(({ instances }) => Object.values(instances))
    .reduce((sum, { max }) => sum + max, 0);
  return Math.max(1, most * rabbitmq.pool);
}
