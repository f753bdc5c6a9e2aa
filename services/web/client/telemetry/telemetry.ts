import {
  type ErrorEvent,
  EVENTS_PER_REPORT,
  REPORT_BYTES,
  type Report,
  type TelemetryEvent,
} from '../../src/telemetry/events.ts';
import { scrub } from '../../src/telemetry/scrub.ts';

const path = '/api/web/telemetry';

/** What happens at about the same time goes together, in ms. */
const GATHER_MS = 5_000;
/** Reports go no faster than that, also where errors never end, in ms. */
const PERIOD_MS = 30_000;
/** One page tells no more different errors than that between two reports. */
const ERRORS_PER_REPORT = 10;

/** How reports leave the page; the real ones are those of the browser. */
export interface Outlet {
  /** @returns whether it arrived; `refused` is not worth a second try */
  post(body: string): Promise<'arrived' | 'refused' | 'failed'>;
  /** For a page that closes: nobody waits for an answer. */
  beacon(body: string): void;
}

/**
 * What goes wrong in this page, and how its calls are, told to the service in reports: gathered, bounded in number, size and rate,
 * and without anything that says who somebody is. Nothing depends on it: what cannot be told is dropped after a while.
 */
export class Telemetry {
  readonly #outlet: Outlet;
  readonly #page = crypto.randomUUID();
  #events: TelemetryEvent[] = [];
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextAt = 0;

  constructor(outlet: Outlet = browserOutlet) {
    this.#outlet = outlet;
  }

  /** The same error again is counted only. */
  error(kind: ErrorEvent['kind'], error: unknown): void {
    const { name, message, stack } = wordsOf(error);
    const same = this.#events.find(
      (each) => each.type === 'error' && each.name === name && each.message === message,
    );
    if (same?.type === 'error') {
      same.count += 1;
      return;
    }
    if (this.#events.filter(({ type }) => type === 'error').length >= ERRORS_PER_REPORT) {
      this.#dropped += 1;
      return;
    }
    this.add({ type: 'error', at: Date.now(), kind, name, message, stack, count: 1 });
  }

  add(event: TelemetryEvent): void {
    this.#events.push(event);
    if (this.#events.length > EVENTS_PER_REPORT) {
      this.#events.shift();
      this.#dropped += 1;
    }
    this.#timer ??= setTimeout(
      () => void this.#send(),
      Math.max(GATHER_MS, this.#nextAt - performance.now()),
    );
  }

  /** Tells what there is without waiting for an answer: the page may be gone in a moment. */
  leave(): void {
    this.#stop();
    const body = this.#take();
    if (body !== null) this.#outlet.beacon(body.text);
  }

  async #send(): Promise<void> {
    this.#stop();
    this.#nextAt = performance.now() + PERIOD_MS;
    const body = this.#take();
    if (body === null) return;
    const outcome = await this.#outlet.post(body.text);
    if (outcome === 'arrived') return;
    this.#dropped += body.dropped;
    if (outcome === 'refused') this.#dropped += body.events.length;
    else for (const event of body.events) this.add(event);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The next report; null where there is nothing to tell. Whatever does not fit is left out. */
  #take(): { text: string; events: TelemetryEvent[]; dropped: number } | null {
    for (const events = this.#events.splice(0); events.length > 0; events.shift(), this.#dropped += 1) {
      const report: Report = {
        page: this.#page,
        browser: browserName(navigator.userAgent),
        language: navigator.language.slice(0, 8),
        dropped: this.#dropped,
        events,
      };
      const text = JSON.stringify(report);
      if (new TextEncoder().encode(text).length > REPORT_BYTES) continue;
      const dropped = this.#dropped;
      this.#dropped = 0;
      return { text, events, dropped };
    }
    return null;
  }
}

const browserOutlet: Outlet = {
  async post(body) {
    try {
      const headers = { 'content-type': 'application/json' };
      const { ok, status } = await fetch(path, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(15_000),
      });
      return ok ? 'arrived' : status >= 500 || status === 429 ? 'failed' : 'refused';
    } catch {
      return 'failed';
    }
  },
  beacon(body) {
    navigator.sendBeacon(path, new Blob([body], { type: 'application/json' }));
  },
};

/** Whatever was thrown, in words that fit. */
function wordsOf(error: unknown): { name: string; message: string; stack: string } {
  const isError = error instanceof Error;
  const name = isError ? error.name : typeof error;
  const message = isError ? error.message : textOf(error);
  const stack = isError ? (error.stack ?? '') : '';
  return {
    name: scrub(name).slice(0, 64),
    message: scrub(message).slice(0, 500),
    stack: scrub(stack).slice(0, 2_000),
  };
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'without words';
  }
}

/** Its name and its main version: more would tell one person from another. */
export function browserName(userAgent: string): string {
  const found = /(Edg|OPR|Firefox|Chrome|Version)\/(\d{1,4})/g;
  const named = [...userAgent.matchAll(found)].map(([, name, version]) => ({ name, version }));
  const best = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Version'].flatMap((name) =>
    named.filter((each) => each.name === name),
  )[0];
  if (best === undefined) return 'other';
  return `${best.name === 'Version' ? 'Safari' : best.name} ${best.version}`;
}
