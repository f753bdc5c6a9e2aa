import { access, rm, writeFile } from 'node:fs/promises';
import { hasCode } from '../files.ts';
import { runProgram } from './run-program.ts';
import { isWanted, parseVersion, type Version, type Wanted } from './version.ts';

export interface AptInstall {
  /** Servers: each has a system service of its own name. */
  packages: string[];
  /** Installed where the distribution has them. */
  optional: string[];
  /** What a package must at least be, by name. */
  wanted: ReadonlyMap<string, Wanted>;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress(detail: string, fraction?: number | null): void;
}

export class AptFailed extends Error {
  override readonly name = 'AptFailed';
  readonly output: string[];

  constructor(what: string, output: string[]) {
    super(what);
    this.output = output;
  }
}

/** The distribution has no package of this name, or one that is too old (`version`). */
export class NotInDistribution extends Error {
  override readonly name = 'NotInDistribution';
  readonly packageName: string;
  readonly version: string | null;

  constructor(packageName: string, version: string | null) {
    super(`${packageName} ${version ?? 'is not there'}`);
    this.packageName = packageName;
    this.version = version;
  }
}

/** The command line that does the same by hand. */
export function aptCommand(packages: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install --no-install-recommends ${packages.join(' ')}`;
}

/** Those that are not installed; none where there is no dpkg to ask. */
export async function notInstalled(
  packages: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string[]> {
  if (packages.length === 0 || !(await hasApt())) return [];
  const installed = new Set<string>();
  await runProgram({
    command: '/usr/bin/dpkg-query',
    args: ['-W', '-f', `\${db:Status-Status} \${Package}\\n`, ...packages],
    env,
    signal,
    onLine: (line) => {
      const [status, name] = line.split(' ');
      if (status === 'installed' && name !== undefined) installed.add(name);
    },
  });
  return packages.filter((name) => !installed.has(name));
}

export async function hasApt(): Promise<boolean> {
  return access('/usr/bin/apt-get').then(
    () => true,
    () => false,
  );
}

/**
 * Installs packages of the distribution. None of their system services is started, now or at the next boot: the
 * stack runs the programs itself.
 */
export async function aptInstall(install: AptInstall): Promise<void> {
  // A machine without lists knows no package at all; one with old lists perhaps not the optional ones.
  if ((await candidates(install)).some(({ version }) => version === null)) await update(install);
  const known = await candidates(install);
  for (const name of install.packages) {
    const version = known.find((candidate) => candidate.name === name)?.version ?? null;
    const wanted = install.wanted.get(name);
    if (version === null) throw new NotInDistribution(name, null);
    if (wanted !== undefined && !isWanted(version, wanted))
      throw new NotInDistribution(name, version.join('.'));
  }
  const optional = known.filter(({ name, version }) => version !== null && install.optional.includes(name));
  const names = [...install.packages, ...optional.map(({ name }) => name)];
  if (names.length === 0) return;
  await withoutStartingServices(async () => {
    try {
      await get(['install', '--no-install-recommends', ...names], install);
    } catch (error) {
      if (!(error instanceof AptFailed) || !error.output.some((line) => passing.test(line))) throw error;
      await update(install);
      await get(['install', '--no-install-recommends', ...names], install);
    }
  });
  await keepDisabled(install);
}

/**
 * What another try mends: old lists name files which the mirror has no more, and another apt of this machine can clean
 * away what was just downloaded (as the images of Debian and Ubuntu for containers do after each of their runs).
 */
const passing = /\b404\b|cannot access archive/;

interface Candidate {
  name: string;
  version: Version | null;
}

async function candidates(install: AptInstall): Promise<Candidate[]> {
  const found = new Map<string, Version | null>();
  let current = '';
  await runProgram({
    command: 'apt-cache',
    args: ['policy', ...install.packages, ...install.optional],
    env: { ...install.env, LC_ALL: 'C' },
    signal: install.signal,
    onLine: (line) => {
      const heading = /^(\S+):$/.exec(line);
      if (heading?.[1] !== undefined) current = heading[1];
      // An epoch stands before the version proper: `5:7.0.15-1`.
      const candidate = /^ {2}Candidate: (?:\d+:)?(\S+)/.exec(line)?.[1];
      if (candidate !== undefined)
        found.set(current, candidate === '(none)' ? null : parseVersion(candidate));
    },
  });
  return [...install.packages, ...install.optional].map((name) => ({
    name,
    version: found.get(name) ?? null,
  }));
}

async function update(install: AptInstall): Promise<void> {
  install.progress('apt-get update');
  await get(['update'], install);
}

/** Machine-readable progress, see apt's README.progress-reporting: `dlstatus:` and `pmstatus:`, then percent. */
async function get(args: string[], { env, signal, progress }: AptInstall): Promise<void> {
  let changing = false;
  const outcome = await runProgram({
    command: 'apt-get',
    args: [
      '-y',
      '-o',
      'APT::Status-Fd=3',
      '-o',
      'DPkg::Lock::Timeout=300',
      '-o',
      'APT::Cmd::Disable-Script-Warning=1',
      ...args,
    ],
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    signal,
    // To interrupt dpkg leaves packages half-configured.
    interruptible: () => !changing,
    onStatus: (line) => {
      const [kind, what, percent] = line.split(':');
      if (kind === 'pmstatus') changing = true;
      const share = Number(percent) / 100;
      if (Number.isNaN(share) || args[0] === 'update') return;
      if (kind === 'dlstatus') progress('downloading packages', share / 2);
      if (kind === 'pmstatus') progress(`unpacking and setting up ${what}`, 0.5 + share / 2);
    },
  });
  if (outcome.code !== 0) throw new AptFailed(`apt-get ${args[0]} failed`, outcome.tail);
}

/** Debian asks this script before it starts a service of a package; 101 is "not allowed". */
const policy = '/usr/sbin/policy-rc.d';

async function withoutStartingServices(work: () => Promise<void>): Promise<void> {
  let ours = false;
  try {
    await writeFile(
      policy,
      '#!/bin/sh\n# Made by tandem while it installs packages; removed afterwards.\nexit 101\n',
      {
        mode: 0o755,
        flag: 'wx',
      },
    );
    ours = true;
  } catch (error) {
    // The machine has a policy of its own, as containers do.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  try {
    await work();
  } finally {
    if (ours) await rm(policy, { force: true });
  }
}

/** At the next boot systemd would start what has just been installed, on the very ports of the stack. */
async function keepDisabled({ packages, env, signal }: AptInstall): Promise<void> {
  if (packages.length === 0) return;
  const booted = await access('/run/systemd/system').then(
    () => true,
    () => false,
  );
  if (!booted) return;
  const outcome = await runProgram({ command: 'systemctl', args: ['disable', ...packages], env, signal });
  if (outcome.code !== 0) throw new AptFailed('systemctl disable failed', outcome.tail);
}
