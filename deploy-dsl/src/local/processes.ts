import { spawn } from 'node:child_process';
import { open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, readIfPresent } from './files.ts';

/**
 * One process and no other: the number alone is given again to someone else, at the latest after a reboot.
 * Source of the fields: proc_pid_stat(5), field 22, and /proc/sys/kernel/random/boot_id.
 */
export interface Identity {
  pid: number;
  /** Clock ticks between the machine's start and the process's. */
  started: number;
  /** The machine's start. */
  boot: string;
}

export interface ProcessStatus {
  pid: number;
  parent: number;
  started: number;
  /** Of its first thread: `Z` is one that has ended while others of the process still run. */
  state: string;
}

/** What the kernel says about a process; null when it has ended: its last thread has, not only its first. */
export async function statusOf(pid: number): Promise<ProcessStatus | null> {
  const text = await readIfPresent(`/proc/${pid}/stat`);
  return text === null ? null : readStatus(pid, text);
}

/**
 * Reads a line of /proc/PID/stat. Of a process that is being killed the first thread can be a zombie already while another
 * one still holds its sockets; only a zombie without other threads has ended, and waits for somebody to ask about it.
 */
function readStatus(pid: number, text: string): ProcessStatus | null {
  // The second field is the program's name in parentheses and may hold blanks and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  const [threads, , started] = fields.slice(17);
  if (state === undefined || parent === undefined || started === undefined) return null;
  if (state === 'X' || (state === 'Z' && Number(threads) <= 1)) return null;
  return { pid, parent: Number(parent), started: Number(started), state };
}

/** Who has this number now; null when nobody has. */
export async function identify(pid: number): Promise<Identity | null> {
  const status = await statusOf(pid);
  return status === null ? null : { pid, started: status.started, boot: await bootId() };
}

export async function isRunning(identity: Identity): Promise<boolean> {
  const now = await identify(identity.pid);
  return now !== null && now.started === identity.started && now.boot === identity.boot;
}

/** The numbers of all processes of this machine. */
export async function allProcesses(): Promise<number[]> {
  const names = await readdir('/proc');
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** The command line, arguments separated by blanks; the kernel's name of the process where it has none. */
export async function commandOf(pid: number): Promise<string | null> {
  const line = await readIfPresent(`/proc/${pid}/cmdline`);
  if (line === null) return null;
  const words = line.replaceAll('\0', ' ').trim();
  return words !== '' ? words : ((await readIfPresent(`/proc/${pid}/comm`))?.trim() ?? null);
}

export interface Start {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** Takes standard output and error; what it held before is kept until it is too large. */
  log: string;
}

/** A log of this size is put aside (`.1`) when its process starts anew. */
const logLimitBytes = 10 * 1024 * 1024;

/** Starts a process that survives this one and has no terminal. */
export async function startDetached(start: Start): Promise<Identity> {
  await rotate(start.log);
  const log = await open(start.log, 'a');
  try {
    const child = spawn(start.command, start.args, {
      cwd: start.cwd,
      env: start.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    // Not yet asked about: even if it has failed at once, the number is still its own.
    const identity = child.pid === undefined ? null : await identify(child.pid);
    return identity ?? { pid: child.pid ?? 0, started: 0, boot: '' };
  } finally {
    await log.close();
  }
}

/** Sends a signal. False when the process has ended. */
export async function signalProcess(identity: Identity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isRunning(identity))) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/**
 * Asks processes to end (SIGTERM), and kills those that have not after a while.
 *
 * @param graceMs how long they may take
 * @returns those that had to be killed
 */
export async function endProcesses(identities: Identity[], graceMs: number): Promise<Identity[]> {
  await Promise.all(identities.map((identity) => signalProcess(identity, 'SIGTERM')));
  if (await haveEnded(identities, graceMs)) return [];
  const stubborn: Identity[] = [];
  for (const identity of identities) {
    if (await signalProcess(identity, 'SIGKILL')) stubborn.push(identity);
  }
  await haveEnded(stubborn, 5_000);
  return stubborn;
}

async function haveEnded(identities: Identity[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const running = await Promise.all(identities.map(isRunning));
    if (!running.includes(true)) return true;
    if (performance.now() > deadline) return false;
    await sleep(50);
  }
}

async function rotate(log: string): Promise<void> {
  try {
    if ((await stat(log)).size > logLimitBytes) await rename(log, `${log}.1`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

let boot: Promise<string> | null = null;
function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim());
  return boot;
}
