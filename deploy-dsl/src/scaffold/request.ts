import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { constantOf, type EventsContract, isEventName, parseEventsContract } from '@tandem/common/contract';
import { reservedFor } from '../language/checks/services.ts';
import { type Diagnostic, exitCodes, TandemError } from '../language/diagnostic.ts';
import {
  badEventName,
  badServiceName,
  eventNotPublished,
  serviceThere,
} from '../language/errors/scaffold.ts';
import { nameRule } from '../language/schema/values.ts';
import { readIfPresent } from '../local/files.ts';
import { hasPackage } from './edit-lock-file.ts';
import type { ConsumedEvent, NewService } from './new-service.ts';

/** What was typed after `tandem new service`. */
export interface ServiceRequest {
  name: string;
  redis: boolean;
  publishes: string | null;
  consumes: string | null;
}

/** The project as far as a new service has to fit into it. */
export interface Project {
  root: string;
  /** Names of the services in services.yml. */
  services: readonly string[];
  /** Text of package-lock.json. */
  lockFile: string;
}

/** Names that the files of a new service use themselves. */
const usedConstants = new Set([
  'addRoutes',
  'createItems',
  'defineEvent',
  'defineService',
  'itemKey',
  'problemType',
]);

/** @throws TandemError (exit 2) for whatever a service cannot have, or the project has already */
export async function checkedRequest(request: ServiceRequest, project: Project): Promise<NewService> {
  const { name, publishes, consumes } = request;
  checkName(name);
  await checkFree(name, project);
  const contracts = await contractsOf(project.root);
  if (publishes !== null) checkPublished(publishes, contracts);
  return {
    name,
    // Without one there is no outbox, and nothing that remembers which events were handled.
    redis: request.redis || publishes !== null || consumes !== null,
    publishes,
    consumes: consumes === null ? null : consumedEvent(consumes, contracts),
  };
}

function checkName(name: string): void {
  const { description, pattern, maxLength } = nameRule;
  if (name.length > maxLength) {
    throw badInput(badServiceName(name, `it has ${name.length} characters, and at most ${maxLength} fit`));
  }
  if (!new RegExp(pattern).test(name)) throw badInput(badServiceName(name, description));
  const owner = reservedFor(name);
  if (owner !== null) throw badInput(badServiceName(name, `this is the name of ${owner}`));
}

async function checkFree(name: string, { root, services, lockFile }: Project): Promise<void> {
  if (services.includes(name)) throw badInput(serviceThere(name, 'services.yml has it'));
  const folder = await lstat(join(root, 'services', name)).catch(() => null);
  if (folder !== null) throw badInput(serviceThere(name, `services/${name} is there`));
  if (hasPackage(lockFile, name)) {
    throw badInput(serviceThere(name, `package-lock.json has a package @tandem/${name}`));
  }
}

function checkPublished(event: string, contracts: readonly EventsContract[]): void {
  if (!isEventName(event)) throw badInput(badEventName(event, 'it is no name of an event'));
  if (usedConstants.has(constantOf(event, 1))) {
    throw badInput(badEventName(event, `${constantOf(event, 1)} means something else in its source`));
  }
  const owner = contracts.find(({ events }) => events.some(({ name }) => name === event));
  if (owner !== undefined) throw badInput(badEventName(event, `${owner.service} publishes it`));
}

function consumedEvent(event: string, contracts: readonly EventsContract[]): ConsumedEvent {
  const versions = (contract: EventsContract) => contract.events.filter(({ name }) => name === event);
  const contract = contracts.find((each) => versions(each).length > 0);
  if (contract === undefined) {
    const known = contracts.flatMap(({ events }) => events.map(({ name }) => name));
    throw badInput(eventNotPublished(event, [...new Set(known)]));
  }
  const version = Math.max(...versions(contract).map((each) => each.version));
  return { name: event, version, owner: contract.service };
}

/** What the services of the project promise about their events. */
async function contractsOf(root: string): Promise<EventsContract[]> {
  const folders = await readdir(join(root, 'services')).catch(() => []);
  const texts = await Promise.all(
    folders.map((folder) => readIfPresent(join(root, 'services', folder, 'contract/events.json'))),
  );
  return texts.filter((text) => text !== null).map(parseEventsContract);
}

const badInput = (diagnostic: Diagnostic) => new TandemError([diagnostic], exitCodes.badInput);
