import { type Instance, Problem, problemType, type Redis, runScript, UnavailableError } from '@tandem/common';
import type { Call } from './frames.ts';
import { type MediaEntry, readMediaEvents } from './media-events.ts';
import { away } from './refusals.ts';
import type { MediaPeer } from './room-store.ts';

/** A room stays with its media server for so long after the last one has entered, in seconds. */
const PLACED_S = 24 * 3600;

const TIMEOUT_MS = 5_000;

/** KEYS: placement. ARGV: the one that is given up or '', the new one, seconds. @returns the one that holds now */
const PLACE = `
local now = redis.call('GET', KEYS[1])
if now and now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return ARGV[2]
`;

/** Reads the events of a peer until it is closed. */
export interface MediaLink {
  close(): void;
}

type MediaCall = Extract<Call, { method: `media.${string}` }>;

interface Request {
  method: string;
  path: string;
  body?: unknown;
}

/**
 * The media servers, as sessions see them: every room has one, which is kept in Redis, so that all its people meet there
 * whichever instance they are connected to.
 */
export class MediaGateway {
  readonly #redis: Redis;
  readonly #instances: () => Promise<readonly Instance[]>;

  /** @param instances the media servers that Consul knows, healthy ones first */
  constructor(redis: Redis, instances: () => Promise<readonly Instance[]>) {
    this.#redis = redis;
    this.#instances = instances;
  }

  /** Enters the media server of a room; another one where that is gone. */
  async join(room: string, grant: string): Promise<{ place: MediaPeer; state: Record<string, unknown> }> {
    let given: string | null = null;
    for (let attempt = 1; ; attempt++) {
      const placement = await this.#placementOf(room, given);
      const { instance, host, port } = readPlacement(placement);
      try {
        const path = `/api/media/rooms/${encodeURIComponent(room)}/peers`;
        const answer = await send({ host, port }, grant, { method: 'POST', path, body: {} });
        const { peer, token, state } = answer;
        if (typeof peer !== 'string' || typeof token !== 'string' || !isObject(state))
          throw new UnavailableError('media', 'its answer does not fit');
        return { place: { instance, host, port, peer, token }, state };
      } catch (error) {
        if (!(error instanceof UnavailableError) || attempt === 3) throw error;
        given = placement;
      }
    }
  }

  async call(place: MediaPeer, call: MediaCall): Promise<Record<string, unknown>> {
    return send(place, place.token, requestOf(place.peer, call));
  }

  async leave(place: MediaPeer): Promise<void> {
    await send(place, place.token, { method: 'DELETE', path: `/api/media/peers/${place.peer}` });
  }

  /**
   * Hands over what the media server tells a peer, after an event on; connects again by itself. `gone` comes last, when the
   * server or the peer is not there any more.
   */
  listen(place: MediaPeer, seen: number, onEvent: (entry: MediaEntry) => void): MediaLink {
    const end = new AbortController();
    const isThere = async () => {
      const instances = await this.#instances().catch(() => null);
      return instances === null || instances.some(({ id }) => id === place.instance);
    };
    void readMediaEvents(place, seen, { signal: end.signal, onEvent, isThere });
    return { close: () => end.abort() };
  }

  /** @param given a placement that leads nowhere; the room gets another one, unless somebody else has done that */
  async #placementOf(room: string, given: string | null): Promise<string> {
    const key = `room:${room}:media`;
    if (given === null) {
      const known = await this.#redis.get(key);
      if (known !== null) return known;
    }
    const without = given === null ? null : readPlacement(given).instance;
    const healthy = (await this.#instances()).filter(({ passing }) => passing);
    const others = healthy.filter(({ id }) => id !== without);
    const choices = others.length > 0 ? others : healthy;
    const choice = choices[Math.floor(Math.random() * choices.length)];
    if (choice === undefined) throw new UnavailableError('media', 'no instance of it is healthy');
    const { id, host, port } = choice;
    const wanted = JSON.stringify({ instance: id, host, port });
    return String(await runScript(this.#redis, PLACE, [key], [given ?? '', wanted, PLACED_S]));
  }
}

function readPlacement(text: string): Pick<MediaPeer, 'instance' | 'host' | 'port'> {
  return JSON.parse(text);
}

/** Each method in the terms of the media server's OpenAPI. */
function requestOf(peer: string, call: MediaCall): Request {
  const at = (path: string) => `/api/media/peers/${peer}${path}`;
  const name = encodeURIComponent;
  switch (call.method) {
    case 'media.transport':
      return { method: 'POST', path: at('/transports'), body: call.params };
    case 'media.connect': {
      const { transport, dtlsParameters } = call.params;
      return { method: 'POST', path: at(`/transports/${name(transport)}/connect`), body: { dtlsParameters } };
    }
    case 'media.restart-ice':
      return { method: 'POST', path: at(`/transports/${name(call.params.transport)}/restart-ice`) };
    case 'media.close-transport':
      return { method: 'DELETE', path: at(`/transports/${name(call.params.transport)}`) };
    case 'media.produce':
      return { method: 'POST', path: at('/producers'), body: call.params };
    case 'media.pause': {
      const { producer, paused } = call.params;
      return { method: 'PATCH', path: at(`/producers/${name(producer)}`), body: { paused } };
    }
    case 'media.stop':
      return { method: 'DELETE', path: at(`/producers/${name(call.params.producer)}`) };
    case 'media.consume':
      return { method: 'POST', path: at('/consumers'), body: call.params };
    case 'media.show': {
      const { consumer, ...changes } = call.params;
      return { method: 'PATCH', path: at(`/consumers/${name(consumer)}`), body: changes };
    }
    case 'media.hide':
      return { method: 'DELETE', path: at(`/consumers/${name(call.params.consumer)}`) };
    case 'media.join':
      throw new Error('media.join is not a request of a peer');
  }
}

/**
 * One request to one instance: no other one knows the peer.
 * @throws Problem with the media server's code where it refuses; UnavailableError where it is not there
 */
async function send(
  { host, port }: { host: string; port: number },
  token: string,
  { method, path, body }: Request,
): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await fetch(`http://${host}:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new UnavailableError('media', error instanceof Error ? error.message : 'no answer', error);
  }
  const text = await response.text();
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  if (response.ok) return isObject(answer) ? answer : {};
  throw refusalFrom(response.status, answer);
}

function refusalFrom(status: number, answer: unknown): Error {
  const field = (name: string) =>
    isObject(answer) && typeof answer[name] === 'string' ? answer[name] : undefined;
  const [code, title] = [field('code'), field('title')];
  if (status >= 500 || code === undefined || title === undefined)
    return new UnavailableError('media', `it answered ${status} ${code ?? away.code}`);
  return new Problem(problemType(code, status, title), field('detail'), {});
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
