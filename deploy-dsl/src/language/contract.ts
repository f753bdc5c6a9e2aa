import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a service says of itself in the files that `npm run contract` writes. */
export interface Contract {
  /** Names of events. */
  publishes: string[];
  consumes: string[];
  /** Names of services. */
  calls: string[];
}

/** A file of a contract that is something else. */
export interface BrokenContract {
  /** Path as the file of the services names it. */
  broken: string;
  reason: string;
}

/** Gives the contract of the service in a folder; null when it has none. */
export type ContractIn = (directory: string) => Contract | BrokenContract | null;

/** Reads contracts below a folder, that of the YAML file. Each is read once. */
export function contractsBelow(root: string): ContractIn {
  const known = new Map<string, ReturnType<ContractIn>>();
  return (directory) => {
    const contract = known.has(directory) ? (known.get(directory) ?? null) : readContract(root, directory);
    known.set(directory, contract);
    return contract;
  };
}

/** Where there is no folder to look into. */
export const noContracts: ContractIn = () => null;

function readContract(root: string, directory: string): ReturnType<ContractIn> {
  const read = <Part>(file: string, parse: (content: unknown) => Part): Part | null => {
    const path = join(directory, 'contract', file);
    let text: string;
    try {
      text = readFileSync(join(root, path), 'utf8');
    } catch {
      return null;
    }
    try {
      return parse(JSON.parse(text));
    } catch (error) {
      throw new UnreadableContract({ broken: path, reason: error instanceof Error ? error.message : '' });
    }
  };
  try {
    const publishes = read('events.json', (content) => namesIn(content, 'events', 'name'));
    const uses = read('uses.json', (content) => ({
      consumes: namesIn(content, 'consumes', 'name'),
      calls: namesIn(content, 'calls', 'service'),
    }));
    if (publishes === null && uses === null) return null;
    return { publishes: publishes ?? [], consumes: uses?.consumes ?? [], calls: uses?.calls ?? [] };
  } catch (error) {
    if (error instanceof UnreadableContract) return error.contract;
    throw error;
  }
}

class UnreadableContract extends Error {
  readonly contract: BrokenContract;

  constructor(contract: BrokenContract) {
    super(contract.reason);
    this.contract = contract;
  }
}

/** The texts at `key` of the objects in the list `list`, each once. @throws Error when it is shaped otherwise */
function namesIn(content: unknown, list: string, key: string): string[] {
  const entries = fieldOf(content, list);
  if (!Array.isArray(entries)) throw new Error(`it has no list "${list}"`);
  const names = entries.map((entry) => {
    const name = fieldOf(entry, key);
    if (typeof name !== 'string') throw new Error(`"${list}" has an entry without "${key}"`);
    return name;
  });
  return [...new Set(names)];
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
