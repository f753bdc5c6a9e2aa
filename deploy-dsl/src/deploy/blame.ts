import type { Finding, InstanceFinding } from '../inspect/finding.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import type { Place } from '../language/errors/define.ts';
import {
  exited,
  notStarted,
  outOfMemory,
  queueRefused,
  queuesHeld,
  secretAbsent,
  templateFailed,
  unhealthy,
} from '../language/errors/instance.ts';
import type { Model, Service } from '../language/model.ts';
import type { ModelPath, Origins } from '../language/origins.ts';
import { blameNginx } from './blame-nginx.ts';
import { blamePlacement } from './blame-placement.ts';
import { blameRejection } from './blame-rejection.ts';
import { memoryPath, type Subject, subjectOf } from './blame-subject.ts';

/**
 * Points at the line of `services.yml` that caused what a cluster complains about. Values that were left out point at
 * the nearest line around them.
 */
export function blame(finding: Finding, model: Model, origins: Origins): Diagnostic {
  const place = (path: ModelPath): Place => ({ file: origins.file, range: origins.locate(path) });
  if (finding.kind === 'nginx') return blameNginx(finding, place);
  if (finding.kind === 'queue') {
    const reason = queueReason(finding.message);
    return queueRefused(
      place(finding.origin),
      finding.what,
      reason,
      /inequivalent|PRECONDITION/.test(reason),
    );
  }
  if (finding.kind === 'alarm') {
    const path = finding.resource === 'memory' ? ['rabbitmq', 'memoryMiB'] : ['rabbitmq'];
    return queuesHeld(place(path), finding.node, finding.resource, model.rabbitmq.memoryMiB);
  }
  const subject = subjectOf(finding.job, model, place);
  if (finding.kind === 'rejected') return blameRejection(finding, subject);
  if (finding.kind === 'unplaced') return blamePlacement(finding, subject);
  return blameInstance(finding, subject);
}

function blameInstance(finding: InstanceFinding, subject: Subject): Diagnostic {
  const { job, place } = subject;
  const where = `${finding.instance.slice(0, 8)} on ${finding.node} in ${finding.cloud}`;
  switch (finding.kind) {
    case 'unhealthy': {
      const evidence = [...finding.checks, ...finding.log];
      const caption = checkCaption(finding.checks, finding.description);
      const help = checkHelp(finding.checks, subject);
      return unhealthy(place(healthPath(subject)), job, where, caption, evidence, help);
    }
    case 'driver': {
      const [caption = '', ...more] = finding.message.split('\n').filter((line) => line.trim() !== '');
      const { path, help } = driverCause(finding.message, subject);
      return notStarted(place(path), job, where, caption, [...more, ...finding.log], help);
    }
    case 'exited': {
      const how = [
        finding.signal === 0 ? `exit code ${finding.exitCode}` : `signal ${finding.signal}`,
        ...(finding.restarts > 0 ? [`restarted ${finding.restarts} times`] : []),
      ].join(', ');
      const limit = memoryLimit(subject);
      const help =
        finding.signal === 9 && limit !== ''
          ? [`signal 9 is the kernel's where a process uses more memory than it may: here ${limit}`]
          : [];
      return exited(place(programPath(subject)), job, where, how, finding.log, help);
    }
    case 'oom':
      return outOfMemory(place(memoryPath(subject)), job, where, memoryLimit(subject), finding.log);
    case 'template': {
      const { service, path } = subject;
      const isSecret = /nomad\.?var|nomadVar|map has no entry/i.test(finding.message);
      if (service === null || !isSecret) return templateFailed(place(path), job, where, finding.message);
      const index = missingSecret(service, finding.message);
      const name = service.secrets[index ?? -1]?.name ?? null;
      return secretAbsent(
        place([...path, 'secrets', ...(index === null ? [] : [index])]),
        service.name,
        name,
        finding.message,
      );
    }
  }
}

function healthPath({ service, path, job }: Subject): ModelPath {
  return service?.name === job ? [...path, 'health', 'path'] : path;
}

function programPath({ service, path, job, model }: Subject): ModelPath {
  if (service?.name !== job) return path;
  return [...path, model.driver === 'docker' ? 'image' : 'command'];
}

function memoryLimit({ service, job }: Subject): string {
  return service?.name === job ? `${service.memory.hardMiB} MiB` : '';
}

/** What the first check says, without the address that only a machine reads. */
function checkCaption(checks: string[], description: string): string {
  const output = checks[0]?.replace(/^[^:]*: /, '') ?? '';
  const answer = /(\d{3} [A-Z][\w ]*?)(?: Output:|$)/.exec(output)?.[1];
  if (answer !== undefined) return `the health check is answered ${answer}`;
  if (/connection refused/.test(output)) return 'nothing listens where the health check asks';
  if (/deadline exceeded|timeout/i.test(output)) return 'the health check is not answered in time';
  return output.split('\n')[0] || description || 'it did not become healthy in time';
}

function checkHelp(checks: string[], { service, job }: Subject): string[] {
  const text = checks.join('\n');
  const path = service?.health.path ?? '';
  if (/ 404 /.test(text)) return [`the service has no route GET ${path}: add it, or change the path here`];
  if (/connection refused/.test(text))
    return ['the service must listen on the HOST and PORT of its environment'];
  if (/ 503 /.test(text)) return ['the answer above says what the service waits for'];
  return [`\`./tandem logs ${job}\` shows all of its log`];
}

/** Which line is at fault when a driver cannot start a task, and what to do. */
function driverCause(message: string, subject: Subject): { path: ModelPath; help: string[] } {
  const path = programPath(subject);
  const own = subject.service?.name === subject.job;
  if (/could not be found|executable file not found/.test(message)) {
    const isFile = subject.service?.command?.[0]?.includes('/') ?? false;
    return {
      path,
      help: [
        isFile
          ? 'the file must be in the folder of the service, and be executable'
          : 'the program must be on PATH of the nodes',
      ],
    };
  }
  if (/pull|manifest|repository does not exist|not found: image|no such image/i.test(message)) {
    return {
      path: own && subject.service?.version !== null ? [...subject.path, 'version'] : path,
      help: ['was this version pushed to the registry, and may the nodes read it?'],
    };
  }
  if (/no such file or directory/.test(message) && own) {
    return {
      path: [...subject.path, 'directory'],
      help: ['is the program there, and the folder it starts in?'],
    };
  }
  if (/permission denied/i.test(message)) return { path, help: ['the program must be executable'] };
  return { path, help: [] };
}

/** Nomad names the variable that is missing, or the item that it lacks. */
function missingSecret(service: Service, message: string): number | null {
  const item = /no entry for key "?([\w-]+)/.exec(message)?.[1];
  const index = service.secrets.findIndex(({ name }) => name.replaceAll('-', '_') === item);
  if (index !== -1) return index;
  return service.secrets.length === 1 ? 0 : null;
}

/** The management API answers `{"error":"bad_request","reason":"inequivalent arg …"}`. */
function queueReason(message: string): string {
  try {
    const answer: unknown = JSON.parse(message);
    if (typeof answer === 'object' && answer !== null && 'reason' in answer) return String(answer.reason);
  } catch {
    // Not JSON: the words as they are.
  }
  return message;
}
