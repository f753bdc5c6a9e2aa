import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OpenapiDocument } from '../http/openapi-document.ts';
import { apiBreaks, operationsBreaks } from './api-breaks.ts';
import { parseApiContract } from './api-contract.ts';
import { callableOf, parseApiCopy, renderApiCopy } from './api-copy.ts';
import type { Break } from './break.ts';
import { parseCopy, renderCopy } from './copy.ts';
import type { Description } from './description.ts';
import { eventBreaks } from './event-breaks.ts';
import { type EventsContract, formatContract, parseEventsContract, titleOf } from './event-contract.ts';
import { importsOf } from './operation.ts';
import { parseUsesContract, type UsesContract } from './uses-contract.ts';

/** What `npm run contract` found, in words. */
export interface Findings {
  /** Files that are not what they should be. */
  stale: string[];
  /** What those who rely on the committed contracts would stumble over, and which services beside this one do. */
  breaks: string[];
  /** Where copies are not what their owners offer. */
  unfit: string[];
}

const EVENTS = 'contract/events.json';
const API = 'contract/openapi.json';
const USES = 'contract/uses.json';
const COPIES = 'src/contracts';

/** Compares the files of a service's folder with its source and with the contracts of the services beside it. */
export async function checkContracts(folder: string, description: Description): Promise<Findings> {
  const copies = await copiesIn(folder);
  const files = await wantedFiles(folder, description, copies);
  const stale: string[] = [];
  for (const [name, text] of files) {
    if ((await readIfThere(join(folder, name))) !== text) stale.push(name);
  }
  return {
    stale,
    breaks: await findBreaks(folder, description),
    unfit: copies.flatMap(({ owner, unfit }) =>
      unfit.map(({ part, found }) => `${part} of ${owner}: ${found}`),
    ),
  };
}

/** Writes the contracts. Breaks nobody who relies on them, unless it is told to. */
export async function writeContracts(
  folder: string,
  description: Description,
  { force }: { force: boolean },
): Promise<Findings> {
  const findings = await checkContracts(folder, description);
  if (findings.breaks.length > 0 && !force) return findings;
  const files = await wantedFiles(folder, description, await copiesIn(folder));
  for (const name of findings.stale) await write(folder, name, files.get(name) ?? '');
  return findings;
}

/**
 * Copies the events of the service beside this one, or renews the copy.
 * @throws Error when there is none, or it has no contract
 */
export async function addEventsCopy(folder: string, other: string): Promise<void> {
  const contract = await eventsOf(join(folder, '..', other));
  if (contract === null) throw new Error(`../${other}/${EVENTS} is not there`);
  await write(folder, `${COPIES}/${other}.ts`, renderCopy(contract));
}

/**
 * Copies an operation of the service beside this one, or all that it has, or renews the copy.
 * @param operation `GET /api/users/{id}`; null for all
 * @throws Error when there is none, or it has no contract
 */
export async function addApiCopy(folder: string, other: string, operation: string | null): Promise<void> {
  const api = await apiOf(join(folder, '..', other));
  if (api === null) throw new Error(`../${other}/${API} is not there`);
  const callable = callableOf(api);
  if (operation !== null && !callable.includes(operation)) {
    throw new Error(
      `${other} has no operation ${operation} that takes and gives JSON; it has ${callable.join(', ')}`,
    );
  }
  const name = `${COPIES}/${other}-api.ts`;
  const before = parseApiCopy((await readIfThere(join(folder, name))) ?? '')?.operations ?? {};
  const added = [...importsOf(api)].filter(
    ([each]) => each === (operation ?? each) && callable.includes(each),
  );
  await write(folder, name, renderApiCopy(other, { ...before, ...Object.fromEntries(added) }));
}

/**
 * A file in `src/contracts`. It is renewed when somebody asks for it, and not before: who demanded all that an owner has
 * just added would refuse what those instances say that still run the version before.
 */
interface Copy {
  owner: string;
  /** Operations of a copied REST interface, none for events. */
  operations: string[];
  /** Where it is not what the owner offers, as far as that is there to see. */
  unfit: Break[];
}

/** A service that lives in a repository of its own sees only its copies. */
async function copiesIn(folder: string): Promise<Copy[]> {
  const names = await readdir(join(folder, COPIES)).catch(() => []);
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return Promise.all(files.map((file) => readCopy(folder, file)));
}

async function readCopy(folder: string, file: string): Promise<Copy> {
  const text = await readFile(join(folder, COPIES, file), 'utf8');
  const api = parseApiCopy(text);
  if (api === null) {
    const owner = basename(file, '.ts');
    const events = await eventsOf(join(folder, '..', owner));
    const unfit = events === null ? [] : eventBreaks(parseCopy(owner, text), events);
    return { owner, operations: [], unfit };
  }
  const { service: owner, operations } = api;
  const offered = await apiOf(join(folder, '..', owner));
  const unfit = offered === null ? [] : operationsBreaks(operations, Object.fromEntries(importsOf(offered)));
  return { owner, operations: Object.keys(operations), unfit };
}

async function wantedFiles(
  folder: string,
  description: Description,
  copies: readonly Copy[],
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const { events, api } = description;
  const uses = usesOf(description, copies);
  const add = async (name: string, contract: object, empty: boolean) => {
    // One that says nothing is left out, unless it once said something.
    if (empty && (await readIfThere(join(folder, name))) === null) return;
    files.set(name, formatContract(contract));
  };
  await add(EVENTS, events, events.events.length === 0);
  await add(API, api, Object.keys(api.paths).length === 0);
  await add(USES, uses, uses.calls.length + uses.consumes.length === 0);
  return files;
}

function usesOf({ service, calls, consumes }: Description, copies: readonly Copy[]): UsesContract {
  return {
    service,
    calls: calls.map((call) => {
      const copied = copies.flatMap(({ owner, operations }) => (owner === call.service ? operations : []));
      return { service: call.service, operations: [...new Set([...call.operations, ...copied])].sort() };
    }),
    consumes: [...consumes],
  };
}

async function findBreaks(folder: string, { service, events, api }: Description): Promise<string[]> {
  const [formerEvents, formerApi] = [await eventsOf(folder), await apiOf(folder)];
  const found = [
    ...(formerEvents === null ? [] : eventBreaks(formerEvents, events)),
    ...(formerApi === null ? [] : apiBreaks(formerApi, api)),
  ];
  if (found.length === 0) return [];
  const neighbours = await neighboursOf(folder);
  return found.map((each) => wordsOf(each, service, neighbours));
}

function wordsOf({ part, found }: Break, service: string, neighbours: readonly UsesContract[]): string {
  const readers = neighbours.filter(
    ({ calls, consumes }) =>
      consumes.some((event) => titleOf(event) === part) ||
      calls.some((call) => call.service === service && call.operations.includes(part)),
  );
  const names = readers.map((reader) => reader.service).sort();
  return `${part}: ${found}${names.length === 0 ? '' : ` (used by ${names.join(', ')})`}`;
}

/** What the services beside this one rely on. */
async function neighboursOf(folder: string): Promise<UsesContract[]> {
  const parent = join(folder, '..');
  const others = (await readdir(parent)).filter((name) => name !== basename(folder));
  const texts = await Promise.all(others.map((name) => readIfThere(join(parent, name, USES))));
  return texts.filter((text) => text !== null).map(parseUsesContract);
}

async function eventsOf(folder: string): Promise<EventsContract | null> {
  const text = await readIfThere(join(folder, EVENTS));
  return text === null ? null : parseEventsContract(text);
}

async function apiOf(folder: string): Promise<OpenapiDocument | null> {
  const text = await readIfThere(join(folder, API));
  return text === null ? null : parseApiContract(text);
}

async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
