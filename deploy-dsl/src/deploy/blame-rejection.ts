import type { JobFinding } from '../inspect/finding.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { jobRejected } from '../language/errors/instance.ts';
import type { ModelPath } from '../language/origins.ts';
import { memoryPath, type Subject } from './blame-subject.ts';

/** Which key a phrase of Nomad's validation is about; the first that matches. Phrases seen with Nomad 1.11. */
const fields: [phrase: RegExp, path: string[]][] = [
  [/healthy deadline|progress deadline/i, ['update', 'deadlineMs']],
  [/min(imum)? healthy|min_healthy/i, ['update', 'healthyMs']],
  [/canary|auto.?promote/i, ['update', 'canaryPercent']],
  [/max parallel/i, ['update', 'parallel']],
  [/scaling|count/i, ['instances']],
  [/check .* interval/i, ['health', 'intervalMs']],
  [/check .* timeout/i, ['health', 'timeoutMs']],
  [/check .* path/i, ['health', 'path']],
  [/check .* invalid/i, ['health']],
  [/kill.?timeout/i, ['update', 'drainMs']],
  [/\bports?\b/i, ['ports']],
  [/template|secret/i, ['secrets']],
  [/volume/i, ['volumes']],
  [/spread/i, ['spread']],
  [/constraint|node\.class/i, ['class']],
  [/\bcpu\b/i, ['cpuMHz']],
  [/image/i, ['image']],
  [/command|driver|config/i, ['command']],
  [/\benv/i, ['env']],
];

/** The job as a whole was refused; the first thing that Nomad says is blamed, the rest is evidence. */
export function blameRejection(
  finding: Extract<JobFinding, { kind: 'rejected' }>,
  subject: Subject,
): Diagnostic {
  const reasons = leaves(finding.message);
  const { job, cloud } = finding;
  return jobRejected(subject.place(fieldPath(reasons[0] ?? '', subject, cloud)), job, cloud, reasons);
}

/** Nomad prints its errors as a tree of bullets; its leaves are what is wrong. */
export function leaves(message: string): string[] {
  const lines = message
    .split('\n')
    .map((line) => line.replace(/^[\s*]+/, '').trim())
    .filter((line) => line !== '' && !/\berrors? occurred:$/.test(line));
  return lines.length > 0 ? lines : [message];
}

function fieldPath(reason: string, subject: Subject, cloud: string): ModelPath {
  const { path, service, job, model } = subject;
  if (/datacenter|region/i.test(reason)) {
    const index = model.clouds.findIndex(({ name }) => name === cloud);
    return ['clouds', ...(index === -1 ? [] : [index])];
  }
  if (/memory/i.test(reason)) return memoryPath(subject);
  if (service?.name !== job) return path;
  const found = fields.find(([phrase]) => phrase.test(reason))?.[1];
  if (found === undefined) return path;
  return found[0] === 'instances' ? [...path, 'instances', cloud] : [...path, ...found];
}
