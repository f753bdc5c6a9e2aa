import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, TandemError } from '../language/diagnostic.ts';
import type { Place } from '../language/errors/define.ts';
import {
  buildMissing,
  queueDiffers,
  queueNotEmpty,
  rabbitmqUnknown,
  secretMissing,
} from '../language/errors/deploy.ts';
import type { ModelPath, Origins } from '../language/origins.ts';
import { stateOf } from '../local/state.ts';
import type { Plan } from '../plan/plan.ts';
import { differenceWords } from '../plan/topology-plan.ts';
import { withoutRoom } from '../plan/without-room.ts';
import { blame } from './blame.ts';
import { buildsOf } from './builds-in-use.ts';
import type { DeployRequest } from './deploy.ts';

/**
 * Refuses a plan that cannot end well, before anything is touched: a secret that nobody can make, a queue with messages that
 * would go, code that is gone, an instance for which there is no room.
 *
 * @throws TandemError with all reasons
 */
export async function guard(plan: Plan, request: DeployRequest): Promise<void> {
  const { origins } = request;
  const problems = [
    ...missingSecrets(plan, origins),
    ...fullQueues(plan, request),
    ...plan.topology.fixed.map((each) =>
      queueDiffers(place(origins, each.origin), `${each.what} ${each.name}`, differenceWords(each)),
    ),
    ...(plan.topology.changes.length > 0 && request.target.rabbitmq === null ? [rabbitmqUnknown()] : []),
    ...(await missingBuilds(request)),
    ...unplaced(plan, request),
  ];
  if (problems.length > 0) throw new TandemError(problems);
}

function missingSecrets(plan: Plan, origins: Origins): Diagnostic[] {
  return plan.secrets
    .filter(({ generate, copyFrom }) => generate === null && copyFrom === null)
    .map(({ service, name, missingIn }) => {
      return secretMissing(service, name, missingIn, place(origins, ['services', service, 'secrets']));
    });
}

/** A queue that the file names no more has no line; that of its service, where it is still there, is the nearest. */
function fullQueues(plan: Plan, { origins, wanted }: DeployRequest): Diagnostic[] {
  return plan.topology.blocked.map(({ queue, messages }) => {
    const owner = queue.split('.')[0] ?? '';
    const at = wanted.model.services[owner] === undefined ? null : ['services', owner, 'consumes'];
    return queueNotEmpty(queue, messages, at === null ? null : place(origins, at));
  });
}

function place(origins: Origins, path: ModelPath): Place {
  return { file: origins.file, range: origins.locate(path) };
}

async function missingBuilds(request: DeployRequest): Promise<Diagnostic[]> {
  if (request.rollbackTo === null || !request.wanted.model.local) return [];
  const { builds } = stateOf(request.root);
  const found = await Promise.all(
    buildsOf(request.wanted.compiled).map(async (name) => {
      const there = await stat(join(builds, name)).catch(() => null);
      return there === null ? name : null;
    }),
  );
  const missing = found.filter((name) => name !== null);
  return missing.length === 0 ? [] : [buildMissing(request.rollbackTo, missing)];
}

function unplaced(plan: Plan, { wanted, origins }: DeployRequest): Diagnostic[] {
  return plan.clouds.flatMap(({ cloud, jobs }) =>
    withoutRoom(jobs).flatMap(({ id, placementFailures }) =>
      Object.values(placementFailures).map((metric) =>
        blame({ kind: 'unplaced', job: id, cloud, metric }, wanted.model, origins),
      ),
    ),
  );
}
