import { builtin } from '../builtin.ts';
import { portOutOfRange, portRangeTooWide } from '../errors/meaning/ports.ts';
import { rangeReversed } from '../errors/meaning/settings.ts';
import type { Consume, Port, RateLimit, Route, Secret, Volume } from '../model.ts';
import type { ModelPath } from '../origins.ts';
import type { ServiceInput } from '../schema/file.ts';
import { parseDuration, parsePorts, parseRateLimit, parseSize } from '../values.ts';
import { type Layers, merged, strongest, type Value } from '../written.ts';
import { asBoolean, asNumber, asText, type Resolution } from './resolution.ts';

/** Lists of a service: the strongest layer's list replaces all others. */

export function resolveRoutes(
  layers: Layers<ServiceInput>,
  path: ModelPath,
  resolution: Resolution,
): Route[] {
  const written = strongest(layers, 'routes');
  resolution.origins.record(path, written);
  return (written?.items() ?? []).map((item, index) => {
    const here = [...path, index];
    resolution.origins.record(here, item);
    const isMap = item.tree.kind === 'map';
    const websocket = resolution.value([...here, 'websocket'], item.get('websocket'), asBoolean, false);
    const standard = websocket ? builtin.route.websocketTimeout : builtin.route.timeout;
    return {
      path: resolution.value([...here, 'path'], isMap ? item.get('path') : item, asText, '/'),
      websocket,
      bodyBytes: resolution.value(
        [...here, 'bodyBytes'],
        item.get('body'),
        (body) => parseSize(body.text),
        parseSize(builtin.route.body),
      ),
      timeoutMs: resolution.value(
        [...here, 'timeoutMs'],
        item.get('timeout'),
        (timeout) => parseDuration(timeout.text),
        parseDuration(standard),
      ),
      limit: resolution.value<RateLimit | null>(
        [...here, 'limit'],
        item.get('limit'),
        (limit) => parseRateLimit(limit.text),
        null,
      ),
    };
  });
}

export function resolveNames(
  layers: Layers<ServiceInput>,
  key: 'needs' | 'calls' | 'publishes',
  path: ModelPath,
  resolution: Resolution,
): string[] {
  const written = strongest(layers, key);
  resolution.origins.record(path, written);
  const names = new Set<string>();
  for (const item of written?.items() ?? []) {
    if (!names.has(item.text)) {
      resolution.origins.record([...path, names.size], item);
      names.add(item.text);
    }
  }
  return [...names];
}

/** Plain entries share one queue, in the place of the first of them; each map is a queue of its own. */
export function resolveConsumes(
  service: string,
  layers: Layers<ServiceInput>,
  path: ModelPath,
  resolution: Resolution,
): Consume[] {
  const written = strongest(layers, 'consumes');
  resolution.origins.record(path, written);
  const queues: Consume[] = [];
  let shared: { consume: Consume; path: ModelPath } | null = null;
  const standard = {
    queue: `${service}.${builtin.consume.queue}`,
    prefetch: builtin.consume.prefetch,
    retriesMs: builtin.consume.retries.map(parseDuration),
  };
  for (const item of written?.items() ?? []) {
    if (item.tree.kind !== 'map') {
      if (shared === null) {
        shared = { consume: { ...standard, events: [] }, path: [...path, queues.length] };
        resolution.origins.record(shared.path, item);
        queues.push(shared.consume);
      }
      resolution.origins.record([...shared.path, 'events', shared.consume.events.length], item);
      shared.consume.events.push(item.text);
      continue;
    }
    const here = [...path, queues.length];
    resolution.origins.record(here, item);
    const events = item.get('events');
    resolution.origins.record([...here, 'events'], events);
    queues.push({
      queue: resolution.value(
        [...here, 'queue'],
        item.get('queue'),
        (queue) => `${service}.${queue.text}`,
        standard.queue,
      ),
      events: (events?.items() ?? []).map((event, index) => {
        resolution.origins.record([...here, 'events', index], event);
        return event.text;
      }),
      prefetch: resolution.value([...here, 'prefetch'], item.get('prefetch'), asNumber, standard.prefetch),
      retriesMs: resolution.value(
        [...here, 'retriesMs'],
        item.get('retries'),
        () => (item.get('retries')?.items() ?? []).map((wait) => parseDuration(wait.text)),
        standard.retriesMs,
      ),
    });
  }
  return queues;
}

/** A list or a map of secrets; the strongest layer's replaces all others. */
export function resolveSecrets(
  layers: Layers<ServiceInput>,
  path: ModelPath,
  resolution: Resolution,
): Secret[] {
  const written = strongest(layers, 'secrets');
  resolution.origins.record(path, written);
  if (written === null) {
    return [];
  }
  if (written.tree.kind === 'list') {
    return written.items().map((item, index) => {
      resolution.origins.record([...path, index], item);
      return { name: item.text, generate: null };
    });
  }
  return written.entries().map((entry, index) => {
    resolution.origins.recordOffsets([...path, index], entry.keyStart, entry.keyEnd, written.layer);
    const generate = entry.value.get('generate');
    resolution.origins.record([...path, index, 'generate'], generate);
    return { name: entry.key, generate: generate === null ? null : generatorOf(generate.text) };
  });
}

const generatorOf = (text: string) => (text === 'rsa-2048' ? 'rsa-2048' : 'random-32');

/** Nomad reserves every single port of a range. */
const widestRange = 1000;

/** Maps of several layers are merged by name. */
export function resolvePorts(layers: Layers<ServiceInput>, path: ModelPath, resolution: Resolution): Port[] {
  const ports = new Map<string, Port>();
  const found = merged(layers, 'ports');
  resolution.origins.record(path, found[0] ?? null);
  for (const layer of found) {
    for (const { key, value } of layer.entries()) {
      if (ports.has(key)) {
        continue;
      }
      resolution.origins.record([...path, ports.size], value);
      // A number may be written in several ways, `0x1F90` for 8080: its value counts.
      const { from, to, protocol, shared } = parsePorts(
        typeof value.scalar === 'number' ? value.scalar : value.text,
      );
      checkRange(value, from, to, resolution);
      ports.set(key, { name: key, from, to: Math.max(from, to), protocol, shared });
    }
  }
  return [...ports.values()];
}

function checkRange(value: Value, from: number, to: number, resolution: Resolution): void {
  const place = resolution.place(value);
  if (to < from) {
    resolution.report(rangeReversed(place, value.text, from, to));
  } else if (from < 1 || to > 65_535) {
    resolution.report(portOutOfRange(place));
  } else if (to - from >= widestRange) {
    resolution.report(portRangeTooWide(place, to - from + 1, widestRange));
  }
}

/** Maps of several layers are merged by name. */
export function resolveVolumes(
  layers: Layers<ServiceInput>,
  path: ModelPath,
  resolution: Resolution,
): Volume[] {
  const volumes = new Map<string, Volume>();
  const found = merged(layers, 'volumes');
  resolution.origins.record(path, found[0] ?? null);
  for (const layer of found) {
    for (const { key, value } of layer.entries()) {
      if (!volumes.has(key)) {
        resolution.origins.record([...path, volumes.size], value);
        volumes.set(key, { name: key, path: value.text });
      }
    }
  }
  return [...volumes.values()];
}
