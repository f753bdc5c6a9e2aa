import { isNotFound } from '../cluster/cluster-error.ts';
import type { Consul } from '../cluster/consul.ts';
import type { Target } from '../cluster/target.ts';
import { TandemError } from '../language/diagnostic.ts';
import { releaseDamaged, releaseUnknown } from '../language/errors/deploy.ts';
import { inParallel } from '../plan/in-parallel.ts';
import {
  decodeRecord,
  decodeSet,
  encodeRecord,
  encodeSet,
  type ReleaseRecord,
  type ReleaseSet,
} from './release.ts';

/** Releases kept; older ones are forgotten. */
const kept = 50;

/**
 * The releases of an environment, in Consul's key-value store of every one of its clouds, so that the loss of a cloud
 * loses no history: `tandem/releases/<environment>/<0001>/record` and `…/set/<000>`.
 */
export class Releases {
  readonly #stores: Consul[];
  readonly #prefix: string;

  constructor(target: Target) {
    this.#stores = target.clouds.map(({ consul }) => consul);
    this.#prefix = `tandem/releases/${target.environment}/`;
  }

  /** Newest first. */
  async list(): Promise<ReleaseRecord[]> {
    const numbers = await this.#numbers();
    const records = await inParallel(8, numbers, (number) => this.#record(number));
    return records.filter((record) => record !== null).toReversed();
  }

  /** The newest ones, back to the last that ended well: all that a plan has to know. Newest first. */
  async recent(): Promise<ReleaseRecord[]> {
    const found: ReleaseRecord[] = [];
    for (const number of (await this.#numbers()).toReversed()) {
      const record = await this.#record(number);
      if (record !== null) found.push(record);
      if (record?.status === 'done') break;
    }
    return found;
  }

  /** @throws TandemError when there is no such release */
  async get(number: number): Promise<ReleaseRecord> {
    const record = await this.#record(number);
    if (record === null) throw new TandemError([releaseUnknown(number, await this.#numbers())]);
    return record;
  }

  /** @throws TandemError when parts of it are missing */
  async set(record: ReleaseRecord): Promise<ReleaseSet> {
    const parts = await Promise.all(
      Array.from({ length: record.parts }, (_, index) =>
        this.#read(`${this.#folder(record.number)}${part(index)}`),
      ),
    );
    try {
      return decodeSet(parts.map((text) => text ?? ''));
    } catch {
      throw new TandemError([releaseDamaged(record.number)]);
    }
  }

  /** Writes a new release. The record comes last: a release without one does not exist. */
  async begin(record: Omit<ReleaseRecord, 'number' | 'parts'>, set: ReleaseSet): Promise<ReleaseRecord> {
    const number = ((await this.#numbers()).at(-1) ?? 0) + 1;
    const parts = encodeSet(set);
    await Promise.all(parts.map((text, index) => this.#write(`${this.#folder(number)}${part(index)}`, text)));
    const begun = { ...record, number, parts: parts.length };
    await this.update(begun);
    return begun;
  }

  async update(record: ReleaseRecord): Promise<void> {
    await this.#write(`${this.#folder(record.number)}record`, encodeRecord(record));
  }

  /** Forgets all but the last fifty. */
  async prune(): Promise<void> {
    const numbers = await this.#numbers();
    for (const number of numbers.slice(0, Math.max(0, numbers.length - kept))) {
      await Promise.all(this.#stores.map((consul) => consul.delete(this.#folder(number), { recurse: true })));
    }
  }

  async #numbers(): Promise<number[]> {
    const keys = await this.#any((consul) => consul.keys(this.#prefix, { separator: '/' }));
    const numbers = keys.map((key) => Number(key.slice(this.#prefix.length).replace(/\/$/, '')));
    return numbers.filter((number) => Number.isInteger(number) && number > 0).sort((a, b) => a - b);
  }

  async #record(number: number): Promise<ReleaseRecord | null> {
    const text = await this.#read(`${this.#folder(number)}record`);
    return text === null ? null : decodeRecord(text);
  }

  #folder(number: number): string {
    return `${this.#prefix}${String(number).padStart(4, '0')}/`;
  }

  async #read(key: string): Promise<string | null> {
    const found = await this.#any((consul) => consul.get(key));
    return found?.Value ?? null;
  }

  async #write(key: string, value: string): Promise<void> {
    await Promise.all(this.#stores.map((consul) => consul.put(key, value)));
  }

  /** The answer of the first cloud that gives one. */
  async #any<T>(ask: (consul: Consul) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (const consul of this.#stores) {
      try {
        return await ask(consul);
      } catch (error) {
        if (isNotFound(error)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }
}

function part(index: number): string {
  return `set/${String(index).padStart(3, '0')}`;
}
