import { hash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Redis, runScript } from '@tandem/common';
import type { Admission } from './grant.ts';
import type { Participant, RoomEvent } from './protocol/index.ts';
import { roomFull } from './refusals.ts';
import { CHANGE, ENTER, LEAVE, RENEW, SWEEP, TAKE, TELL_OF } from './scripts.ts';

/** Events of a room that is empty are kept for so long, in seconds: somebody may come back. */
const EMPTY_S = 120;

/** A session as Redis has it. */
export interface Session {
  id: string;
  admission: Admission;
  /** Of the connection that has it now; a higher one has taken it over. */
  connection: number;
  /** Its peers at media servers, the latest last: none at first, two while it moves. */
  media: readonly MediaPeer[];
}

/** Somebody's place at a media server, enough for every instance to speak for them. */
export interface MediaPeer {
  /** Of the places of the room when it was entered: they change with a larger one. */
  number: number;
  /** Id of the instance in Consul, and where it listens. */
  instance: string;
  host: string;
  port: number;
  peer: string;
  token: string;
}

/** An event of a room and its place in the order. */
export interface Told {
  seen: string;
  event: RoomEvent;
}

/**
 * Who is in which room, and what happened there: in Redis, so that every instance knows the same and none is needed.
 * Commands throw UnavailableError while it is away.
 */
export class RoomStore {
  readonly #redis: Redis;
  readonly #resumeWithinMs: number;
  readonly #peoplePerRoom: number;

  constructor(redis: Redis, options: { resumeWithinMs: number; peoplePerRoom: number }) {
    this.#redis = redis;
    this.#resumeWithinMs = options.resumeWithinMs;
    this.#peoplePerRoom = options.peoplePerRoom;
  }

  /** @throws Problem room-full */
  async enter(admission: Admission): Promise<{ session: Session; token: string; seen: string }> {
    const id = randomUUID();
    const token = randomBytes(32).toString('base64url');
    const { user, name, room, role } = admission;
    const participant: Participant = { id, user, name, role, hand: false };
    const seen = await this.#run(
      ENTER,
      [sessionKey(id), peopleKey(room), eventsKey(room)],
      [
        ...[room, id, this.#resumeWithinMs, this.#peoplePerRoom],
        ...[JSON.stringify(participant), JSON.stringify({ type: 'joined', participant } satisfies RoomEvent)],
        ...['admission', JSON.stringify(admission), 'token', digest(token), 'connection', 1],
      ],
    );
    if (typeof seen !== 'string') throw roomFull();
    return { session: { id, admission, connection: 1, media: [] }, token, seen };
  }

  /** Takes a session over from whichever connection had it. @returns null where there is none, or the token is not its own */
  async take(id: string, token: string): Promise<Session | null> {
    const { admission, token: expected, media } = await this.#redis.hgetall(sessionKey(id));
    if (admission === undefined || expected === undefined || !sameDigest(digest(token), expected))
      return null;
    const connection = await this.#run(TAKE, [sessionKey(id)], [this.#resumeWithinMs]);
    if (typeof connection !== 'number') return null;
    return {
      id,
      connection,
      admission: JSON.parse(admission),
      media: media === undefined ? [] : JSON.parse(media),
    };
  }

  /** Says that a session goes on. @returns false when another connection has it, or it was ended */
  async renew({ id, connection }: Session): Promise<boolean> {
    return (await this.#run(RENEW, [sessionKey(id)], [this.#resumeWithinMs, connection])) === 1;
  }

  async keepMedia({ id, media }: Session): Promise<void> {
    await this.#redis.hset(sessionKey(id), 'media', JSON.stringify(media));
  }

  async people(room: string): Promise<Participant[]> {
    return Object.values(await this.#redis.hgetall(peopleKey(room))).map((text) => JSON.parse(text));
  }

  /**
   * Changes what others see of somebody, and with it what the session was admitted to, where that is given.
   * @returns false where the session has ended
   */
  async change(
    session: Session,
    change: Partial<Pick<Participant, 'hand' | 'role'>>,
    admission?: Admission,
  ): Promise<boolean> {
    const { room } = session.admission;
    const keys = [sessionKey(session.id), peopleKey(room), eventsKey(room)];
    const fields = admission === undefined ? [] : ['admission', JSON.stringify(admission)];
    return (await this.#run(CHANGE, keys, [room, session.id, JSON.stringify(change), ...fields])) === 1;
  }

  /** Tells a room something about one of its people. @returns false where they are not there */
  async tell(room: string, participant: string, event: RoomEvent): Promise<boolean> {
    const keys = [peopleKey(room), eventsKey(room)];
    return (await this.#run(TELL_OF, keys, [room, participant, JSON.stringify(event)])) === 1;
  }

  /** Ends a session. @returns false where there was none */
  async leave(room: string, id: string, why: 'left' | 'removed'): Promise<boolean> {
    const event: RoomEvent = { type: 'left', participant: id, why };
    const keys = [sessionKey(id), peopleKey(room), eventsKey(room)];
    return (await this.#run(LEAVE, keys, [room, id, JSON.stringify(event), EMPTY_S])) === 1;
  }

  /** Ends the membership of those who did not come back in time. */
  async sweep(room: string): Promise<void> {
    const [before, behind] = ['{"type":"left","participant":"', '","why":"lost"}'];
    await this.#run(SWEEP, [peopleKey(room), eventsKey(room)], [room, EMPTY_S, before, behind]);
  }

  /**
   * What happened in a room after an event.
   * @returns null where some of it is not kept any more
   */
  async after(room: string, seen: string): Promise<Told[] | null> {
    const key = eventsKey(room);
    // From the event itself on: where it is there, nothing behind it can be missing.
    const entries = await this.#redis.xrange(key, seen, '+');
    const [first, ...rest] = entries;
    if (first?.[0] !== seen) return entries.length === 0 && seen === '0-0' ? [] : null;
    return rest.map(([id, fields]) => ({ seen: id, event: JSON.parse(fields[1] ?? 'null') }));
  }

  /** Id of the last event of a room; `0-0` for none. */
  async latest(room: string): Promise<string> {
    const [last] = await this.#redis.xrevrange(eventsKey(room), '+', '-', 'COUNT', 1);
    return last?.[0] ?? '0-0';
  }

  #run(script: string, keys: string[], args: (string | number)[]): Promise<unknown> {
    return runScript(this.#redis, script, keys, args);
  }
}

const sessionKey = (id: string) => `session:${id}`;
const peopleKey = (room: string) => `room:${room}:people`;
const eventsKey = (room: string) => `room:${room}:events`;

function digest(token: string): string {
  return hash('sha256', token, 'base64url');
}

function sameDigest(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
