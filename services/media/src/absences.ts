import type { Member } from './member.ts';

/** Members whose events nobody reads: they have some time to come back. */
export class Absences {
  readonly #timeoutMs: number;
  readonly #timers = new Map<Member, NodeJS.Timeout>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @param over called where it did not come back in time */
  begin(member: Member, over: () => void): void {
    if (member.events.isRead) return;
    this.end(member);
    this.#timers.set(member, setTimeout(over, this.#timeoutMs));
  }

  end(member: Member): void {
    clearTimeout(this.#timers.get(member));
    this.#timers.delete(member);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
