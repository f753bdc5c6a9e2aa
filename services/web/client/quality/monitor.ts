import { diagnose, type Situation, type Verdict } from './diagnosis.ts';
import { type Figures, figuresOf, type Statistics } from './figures.ts';
import { better } from './levels.ts';

/** Everything that is known of the connections of a call. Never changed in place. */
export interface QualityState extends Verdict {
  /** Null until there were two readings. */
  figures: Figures | null;
}

/** What is read of a call every time. */
export interface Reading extends Statistics {
  /** Null while that is being found out. */
  isConnected: boolean | null;
}

export const unknownQuality: QualityState = { findings: [], levels: new Map(), own: null, figures: null };

export interface QualitySources {
  /** Null while there is no media server. */
  statistics(): Promise<Reading | null>;
  situation(): Omit<Situation, 'figures' | 'media'>;
}

/** Long enough for a few reports of the other end, short enough to be believed, in ms. */
const PERIOD_MS = 2_000;

/** A single bad reading is a hiccup: something is wrong once two in a row agree on that. */
export class QualityMonitor {
  #state = unknownQuality;
  #former: Statistics | null = null;
  #formerVerdict: Verdict | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #sources: QualitySources;
  readonly #listeners = new Set<() => void>();

  constructor(sources: QualitySources) {
    this.#sources = sources;
    this.#plan();
  }

  get state(): QualityState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Takes another reading. */
  async look(): Promise<void> {
    const now = await this.#sources.statistics().catch(() => null);
    if (this.#isClosed) return;
    const figures = this.#former === null || now === null ? null : figuresOf(this.#former, now);
    this.#former = now;
    const verdict = diagnose({ ...this.#sources.situation(), figures, media: now?.isConnected ?? null });
    // Without a line or a device there is nothing to wait for.
    const formerCauses = this.#formerVerdict?.findings.map(({ cause }) => cause) ?? [];
    const findings = verdict.findings.filter(
      ({ cause, side }) => side === 'device' || cause === 'no-line' || formerCauses.includes(cause),
    );
    const former = this.#formerVerdict;
    this.#formerVerdict = verdict;
    const levels = new Map(
      [...verdict.levels].flatMap(([id, level]) => {
        const shown = better(level, former?.levels.get(id) ?? level);
        return shown === null ? [] : [[id, shown] as const];
      }),
    );
    const own = better(verdict.own, former?.own ?? verdict.own);
    this.#state = { findings, levels, own, figures };
    for (const listener of this.#listeners) listener();
  }

  #plan(): void {
    this.#timer = setTimeout(() => void this.look().finally(() => this.#isClosed || this.#plan()), PERIOD_MS);
  }
}
