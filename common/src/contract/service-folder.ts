import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { EventKind } from '../queue/event.ts';
import { breaksBetween } from './breaks.ts';
import { constantOf, renderCopy } from './copy.ts';
import {
  type EventsContract,
  eventsContractOf,
  formatContract,
  parseEventsContract,
} from './event-contract.ts';

/** A service as far as its contract is concerned. */
export interface ContractOwner {
  readonly name: string;
  readonly publishes: readonly EventKind[];
}

/** What `npm run contract` found, in words. */
export interface Findings {
  /** Files that are not what they should be. */
  stale: string[];
  /** What readers of the committed contract would stumble over, and which services beside this one read it. */
  breaks: string[];
}

const CONTRACT = 'contract/events.json';
const COPIES = 'src/contracts';

/** Compares the files of a service's folder with its source and with the contracts of the services beside it. */
export async function checkContracts(folder: string, owner: ContractOwner): Promise<Findings> {
  const files = await wantedFiles(folder, owner);
  const stale: string[] = [];
  for (const [name, text] of files) {
    if ((await readIfThere(join(folder, name))) !== text) stale.push(name);
  }
  return { stale, breaks: await findBreaks(folder, owner) };
}

/** Writes the contract and the copies. Breaks nobody's reading, unless it is told to. */
export async function writeContracts(
  folder: string,
  owner: ContractOwner,
  { force }: { force: boolean },
): Promise<Findings> {
  const findings = await checkContracts(folder, owner);
  if (findings.breaks.length > 0 && !force) return findings;
  const files = await wantedFiles(folder, owner);
  for (const name of findings.stale) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), files.get(name) ?? '');
  }
  return findings;
}

/**
 * Makes the file for a copy of the contract of the service beside this one; it is kept up to date from then on.
 * @throws Error when there is none, or it has no contract
 */
export async function addCopy(folder: string, other: string): Promise<void> {
  const contract = await contractOf(join(folder, '..', other));
  if (contract === null) throw new Error(`../${other}/${CONTRACT} is not there`);
  await mkdir(join(folder, COPIES), { recursive: true });
  await writeFile(join(folder, COPIES, `${other}.ts`), renderCopy(contract));
}

/** A service that publishes nothing has no contract, unless it once had one. */
async function wantedFiles(folder: string, owner: ContractOwner): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const had = await contractOf(folder);
  if (owner.publishes.length > 0 || had !== null) {
    files.set(CONTRACT, formatContract(eventsContractOf(owner.name, owner.publishes)));
  }
  for (const other of await copiesIn(folder)) {
    const contract = await contractOf(join(folder, '..', other));
    // A service that lives in a repository of its own sees only its copies.
    if (contract !== null) files.set(`${COPIES}/${other}.ts`, renderCopy(contract));
  }
  return files;
}

async function findBreaks(folder: string, owner: ContractOwner): Promise<string[]> {
  const before = await contractOf(folder);
  if (before === null) return [];
  const breaks = breaksBetween(before, eventsContractOf(owner.name, owner.publishes));
  if (breaks.length === 0) return [];
  const readers = await readersOf(folder, owner.name, before);
  return breaks.map((found) => {
    const event = found.slice(0, found.indexOf(':'));
    const names = readers.get(event) ?? [];
    return names.length === 0 ? found : `${found} (read by ${names.join(', ')})`;
  });
}

/** Which services beside this one use which of its events. */
async function readersOf(
  folder: string,
  name: string,
  contract: EventsContract,
): Promise<Map<string, string[]>> {
  const parent = join(folder, '..');
  const others = (await readdir(parent)).filter((other) => other !== basename(folder));
  const readers = new Map<string, string[]>();
  for (const other of others) {
    const source = await sourceOf(join(parent, other), name);
    for (const event of contract.events) {
      const title = `${event.name} version ${event.version}`;
      const used = new RegExp(`\\b${constantOf(event.name, event.version)}\\b`).test(source);
      if (used) readers.set(title, [...(readers.get(title) ?? []), other]);
    }
  }
  return readers;
}

/** The source of those files of a service that import the copy of a contract. */
async function sourceOf(folder: string, owner: string): Promise<string> {
  const names = await readdir(join(folder, 'src'), { recursive: true }).catch(() => []);
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('.ts') && name !== `contracts/${owner}.ts`)
      .map((name) => readFile(join(folder, 'src', name), 'utf8')),
  );
  return texts.filter((text) => text.includes(`contracts/${owner}.ts'`)).join('\n');
}

async function contractOf(folder: string): Promise<EventsContract | null> {
  const text = await readIfThere(join(folder, CONTRACT));
  return text === null ? null : parseEventsContract(text);
}

async function copiesIn(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, COPIES)).catch(() => []);
  return names.filter((name) => name.endsWith('.ts')).map((name) => basename(name, '.ts'));
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
