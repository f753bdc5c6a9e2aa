import { hardBelowSoft } from '../errors/meaning/capacity.ts';
import { canaryAlone, deadlineTooEarly, durationOutOfRange } from '../errors/meaning/settings.ts';
import { referenceInVariable, reservedVariable, secretInTheOpen } from '../errors/meaning/variables.ts';
import type { Service } from '../model.ts';
import { isPlatformVariable } from '../platform-variables.ts';
import { spellDuration } from '../spell.ts';
import type { CheckContext } from './check.ts';

/** Settings of one service that do not go together, or with what Nomad and Consul allow. */
export function checkSettings(context: CheckContext): void {
  for (const service of context.services) {
    checkMemory(context, service);
    checkDurations(context, service);
    checkCanary(context, service);
    checkVariables(context, service);
  }
}

function checkMemory(context: CheckContext, { name, memory }: Service): void {
  const path = ['services', name, 'memory'];
  if (memory.hardMiB < memory.softMiB) {
    const labels = context.label([...path, 'softMiB'], 'the soft limit');
    const place = context.place([...path, 'hardMiB']);
    context.report(hardBelowSoft(place, memory.softMiB, memory.hardMiB, labels));
  }
}

const second = 1000;
/** RabbitMQ counts waits in 32 bits of milliseconds, 49 days. */
const longest = 30 * 24 * 3600 * second;

function checkDurations(context: CheckContext, service: Service): void {
  const { health, update, routes, consumes } = service;
  const within = (path: (string | number)[], value: number, shortest: number) => {
    if (value < shortest || value > longest) {
      const key = String(path.findLast((step) => typeof step === 'string')).replace(/Ms$/, '');
      const place = context.place(['services', service.name, ...path]);
      context.report(durationOutOfRange(place, `"${key}"`, spellDuration(shortest), spellDuration(longest)));
    }
  };
  // Consul refuses checks more often than every second.
  within(['health', 'intervalMs'], health.intervalMs, second);
  within(['health', 'timeoutMs'], health.timeoutMs, 1);
  within(['update', 'bakeMs'], update.bakeMs, 0);
  within(['update', 'healthyMs'], update.healthyMs, 0);
  within(['update', 'deadlineMs'], update.deadlineMs, second);
  within(['update', 'drainMs'], update.drainMs, 0);
  routes.forEach((route, index) => {
    within(['routes', index, 'timeoutMs'], route.timeoutMs, 1);
  });
  consumes.forEach((consume, index) => {
    for (const wait of consume.retriesMs) {
      within(['consumes', index, 'retriesMs'], wait, 1);
    }
  });
  if (update.deadlineMs <= update.healthyMs) {
    const path = ['services', service.name, 'update'];
    const labels = context.label([...path, 'healthyMs'], 'must be healthy this long');
    const place = context.place([...path, 'deadlineMs']);
    context.report(
      deadlineTooEarly(place, spellDuration(update.deadlineMs), spellDuration(update.healthyMs), labels),
    );
  }
}

function checkCanary(context: CheckContext, { name, update, instances }: Service): void {
  const { canaryPercent } = update;
  if (canaryPercent === null || context.model.local) {
    return;
  }
  const [cloud] = Object.entries(instances).find(([, { min }]) => min === 1) ?? [];
  if (cloud === undefined) return;
  const path = ['services', name];
  const place = context.place([...path, 'update', 'canaryPercent']);
  const labels = context.label([...path, 'instances', cloud], 'one instance');
  context.report(canaryAlone(place, name, cloud, labels));
}

function checkVariables(context: CheckContext, service: Service): void {
  const secretFiles = new Set(
    service.secrets.map(({ name }) => `${name.replaceAll('-', '_').toUpperCase()}_FILE`),
  );
  for (const [name, value] of Object.entries(service.env)) {
    const place = context.place(['services', service.name, 'env', name]);
    if (isPlatformVariable(name) || secretFiles.has(name)) {
      context.report(reservedVariable(place, name));
    } else if (/(^|_)(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY)$/i.test(name) && value !== '') {
      context.report(secretInTheOpen(place, name));
    }
    const [reference] = /\$\{(NOMAD_|node\.|attr\.|meta\.|env\.)[\w.-]+\}/.exec(value) ?? [];
    if (reference !== undefined) context.report(referenceInVariable(place, name, reference));
  }
}
