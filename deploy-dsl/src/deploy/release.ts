import { gunzipSync, gzipSync } from 'node:zlib';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Compiled } from '../compile/compiled.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Model } from '../language/model.ts';
import { RegisteredJobs } from '../plan/registered.ts';

const Strings = Type.Array(Type.String());

const Record = Type.Object({
  number: Type.Integer(),
  /**
   * `running` until its deploy says how it ended; a `running` release whose deploy is gone is shown as interrupted.
   * `failed`: what had changed was left as it is; `reverted`: it was put back.
   */
  status: Type.Union(
    ['running', 'done', 'failed', 'reverted', 'interrupted'].map((status) => Type.Literal(status)),
  ),
  /** ISO 8601. */
  startedAt: Type.String(),
  finishedAt: Type.Union([Type.String(), Type.Null()]),
  /** `user@host` */
  who: Type.String(),
  /** Git commit of the project, `+` at the end when it had local changes; null outside git. */
  commit: Type.Union([Type.String(), Type.Null()]),
  /** Number of the release that it went back to; null for an ordinary deploy. */
  rollbackTo: Type.Union([Type.Integer(), Type.Null()]),
  /** What changed, a line per thing. */
  summary: Strings,
  /** Why it failed, with the evidence collected before anything was put back. */
  diagnostics: Type.Array(Type.Unknown()),
  /** Names of the builds of this machine that it runs from; none elsewhere. */
  builds: Strings,
  /** Number of parts of its set. */
  parts: Type.Integer(),
  /** Jobs as it left them when it ended well; what an older Tandem recorded says nothing of it. */
  registered: Type.Optional(RegisteredJobs),
});

type Status = 'running' | 'done' | 'failed' | 'reverted' | 'interrupted';

/** What is kept about a release, beside its set. */
export interface ReleaseRecord extends Omit<Type.Static<typeof Record>, 'status' | 'diagnostics'> {
  status: Status;
  diagnostics: Diagnostic[];
}

/** All that a release deployed, so that it can be deployed again as it was: jobs, routes and queues of every cloud. */
export interface ReleaseSet {
  model: Model;
  compiled: Compiled;
  /** The YAML file as the user named it, and its text then. */
  file: string;
  source: string;
}

/** Consul admits 512 KB in a key; base64 and some room. */
const partSize = 400_000;

/** @returns texts of at most 400 KB each */
export function encodeSet(set: ReleaseSet): string[] {
  const text = gzipSync(JSON.stringify(set)).toString('base64');
  return Array.from({ length: Math.ceil(text.length / partSize) }, (_, index) =>
    text.slice(index * partSize, (index + 1) * partSize),
  );
}

/** @throws when a part is missing or damaged */
export function decodeSet(parts: string[]): ReleaseSet {
  return JSON.parse(gunzipSync(Buffer.from(parts.join(''), 'base64')).toString('utf8'));
}

export function encodeRecord(record: ReleaseRecord): string {
  return JSON.stringify(record);
}

/** @returns null for a record that this version cannot read */
export function decodeRecord(text: string): ReleaseRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is ReleaseRecord {
  return Value.Check(Record, value);
}
