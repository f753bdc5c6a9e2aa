/** What one check found. */
export interface CheckResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Failures that a later try did not have: not this change's fault, and still somebody's. */
  flaky: number;
  /** What the user should read about the failures and the later tries; empty where all is well. */
  output: string;
}

/** One thing that `tandem test` does. */
export interface Check {
  name: string;
  /** @param say how far it is, in words, as often as it likes */
  run(say: (detail: string) => void): Promise<CheckResult>;
}

/** How a check looks that either holds or does not. */
export function holds(ok: boolean, output: string): CheckResult {
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, flaky: 0, output: ok ? '' : output };
}
