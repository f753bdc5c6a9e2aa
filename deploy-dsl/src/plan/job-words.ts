import type { FieldDiff, JobDiff, ObjectDiff, TaskDiff, TaskGroupDiff } from '../cluster/nomad/plan.ts';
import { killMarginMs } from '../compile/policies.ts';
import { formatDuration } from '../terminal/duration.ts';
import { brief, type Change, change, changed, variableChange } from './change.ts';

/**
 * Nomad's difference of two jobs in the words of `services.yml`. Each thing is mentioned once, however many fields of the
 * job it touches: a new version changes the image, a variable and the metadata, and reads `version abc → def`.
 *
 * @param mainTask name of the task that runs the service; what other tasks change is named after them
 */
export function jobWords(diff: JobDiff, mainTask: string): Change[] {
  const found = [
    ...differing(diff.Fields).flatMap(jobField),
    ...differing(diff.Objects).map((object) => placement(object) ?? generic(object.Name, object)),
    ...differing(diff.TaskGroups).flatMap((group) => groupWords(group, mainTask)),
  ];
  const byWhat = new Map<string, Change>();
  for (const each of found) if (!byWhat.has(each.what)) byWhat.set(each.what, each);
  // How many new instances start beside the old ones follows from how many there are.
  if (byWhat.has('canary') || byWhat.has('instances')) byWhat.delete('surge');
  return [...byWhat.values()].sort((a, b) => rank(a) - rank(b));
}

/** What people look for first comes first. */
const order = ['stopped', 'version', 'image', 'instances', 'memory', 'cpu'];
function rank(each: Change): number {
  const index = order.indexOf(each.what);
  return index === -1 ? order.length : index;
}

function jobField(field: FieldDiff): Change[] {
  if (field.Name === 'Stop') return [changed('stopped', 'started again (it was stopped)')];
  const meta = /^Meta\[(.+)\]$/.exec(field.Name)?.[1];
  if (meta === undefined) return [fieldChange(field.Name, field)];
  if (meta === 'tandem_version') return [versionChange(field)];
  // Bookkeeping of Tandem itself: says nothing to a person, but an update that touches only this is one.
  return meta.startsWith('tandem_')
    ? [changed('bookkeeping', 'bookkeeping of tandem')]
    : [fieldChange(`meta ${meta}`, field)];
}

function groupWords(group: TaskGroupDiff, mainTask: string): Change[] {
  return [
    ...differing(group.Fields).map(groupField),
    ...groupObjects(differing(group.Objects)),
    ...differing(group.Tasks).flatMap((task) => taskWords(task, mainTask)),
  ];
}

function groupField(field: FieldDiff): Change {
  if (field.Name === 'Count') return fieldChange('instances', field);
  if (field.Name === 'ShutdownDelay') return durationChange('wait before stopping', field);
  return fieldChange(field.Name, field);
}

function groupObjects(objects: ObjectDiff[]): Change[] {
  const networks = objects.filter((object) => object.Name === 'Network');
  const rest = objects.filter((object) => object.Name !== 'Network');
  return [...portWords(networks), ...rest.flatMap(groupObject)];
}

function groupObject(object: ObjectDiff): Change[] {
  switch (object.Name) {
    case 'Update':
      return differing(object.Fields).map(updateField);
    case 'Scaling':
      return [scaling(object)];
    case 'Service':
      return serviceWords(object);
    case 'Volume':
      return [named('volume', object)];
    case 'RestartPolicy':
      return [changed('restart policy')];
    case 'ReschedulePolicy':
      return [changed('reschedule policy')];
    default:
      return [placement(object) ?? generic(object.Name, object)];
  }
}

function updateField(field: FieldDiff): Change {
  switch (field.Name) {
    case 'MaxParallel':
      return fieldChange('instances replaced at once', field);
    case 'MinHealthyTime':
      return durationChange('healthy time', field);
    case 'HealthyDeadline':
    case 'ProgressDeadline':
      return changed('deadline', durationChange('deadline', field).words);
    case 'AutoRevert':
      return changed('revert', `automatic revert ${field.New === 'true' ? 'on' : 'off'}`);
    case 'Canary':
      return changed('surge', 'canary policy changed');
    case 'AutoPromote':
      return changed('canary', 'canary policy changed');
    default:
      return fieldChange(`update ${field.Name}`, field);
  }
}

function scaling(object: ObjectDiff): Change {
  const min = object.Fields?.find((field) => field.Name === 'Min');
  const max = object.Fields?.find((field) => field.Name === 'Max');
  if (object.Type === 'Added') return changed('scaling', `scales by itself (${min?.New}..${max?.New})`);
  if (object.Type === 'Deleted') return changed('scaling', 'scales no longer by itself');
  const limits = differing([min, max].filter((field) => field !== undefined));
  if (limits.length === 0) return changed('scaling', 'scaling policy changed');
  const words = limits.map(
    (field) => `${field === min ? 'at least' : 'at most'} ${field.Old} → ${field.New}`,
  );
  return changed('scaling', `instances ${words.join(', ')}`);
}

function serviceWords(object: ObjectDiff): Change[] {
  const own = differing(object.Fields).map((field) => fieldChange(`service ${field.Name}`, field));
  const inner = differing(object.Objects).flatMap((part) =>
    part.Name === 'Check' ? checkWords(part) : [generic('service', part)],
  );
  return [...own, ...inner];
}

function checkWords(check: ObjectDiff): Change[] {
  if (check.Type !== 'Edited') return [changed('health check', `health check ${verb(check)}`)];
  const fields = differing(check.Fields).map((field) => {
    if (field.Name === 'Interval' || field.Name === 'Timeout') {
      return durationChange(`health check ${field.Name.toLowerCase()}`, field);
    }
    return fieldChange(`health check ${field.Name.toLowerCase()}`, field);
  });
  return fields.length > 0 ? fields : [changed('health check')];
}

/** A changed network comes as one removed and one added: only the ports that are in one of them matter. */
function portWords(networks: ObjectDiff[]): Change[] {
  const ports = (type: ObjectDiff['Type']) => {
    const found = new Map<string, string>();
    for (const network of networks.filter((each) => each.Type === type || each.Type === 'Edited')) {
      for (const port of network.Objects ?? []) {
        if (!port.Name.endsWith('Port') || (network.Type === 'Edited' && port.Type !== type)) continue;
        const side = type === 'Added' ? 'New' : 'Old';
        const value = (name: string) => port.Fields?.find((field) => field.Name === name)?.[side] ?? '';
        found.set(value('Label'), value('Value'));
      }
    }
    return found;
  };
  const before = ports('Deleted');
  const after = ports('Added');
  const words = [...new Set([...before.keys(), ...after.keys()])]
    .filter((label) => before.get(label) !== after.get(label))
    .map((label) => change(`port ${label}`, before.get(label) ?? null, after.get(label) ?? null));
  return networks.length > 0 && words.length === 0 ? [changed('network')] : words;
}

function taskWords(task: TaskDiff, mainTask: string): Change[] {
  const prefix = task.Name === mainTask ? '' : `${task.Name} `;
  if (task.Type === 'Added' || task.Type === 'Deleted') {
    const memory = task.Objects?.find((object) => object.Name === 'Resources')?.Fields?.find(
      (f) => f.Name === 'MemoryMB',
    );
    const before = task.Type === 'Added' ? null : `${memory?.Old} MiB`;
    return [change(task.Name, before, task.Type === 'Added' ? `${memory?.New} MiB` : null)];
  }
  return [
    ...differing(task.Fields).map((field) => taskField(field, prefix)),
    ...differing(task.Objects).flatMap((object) => taskObject(object, prefix)),
  ];
}

function taskField(field: FieldDiff, prefix: string): Change {
  const variable = /^Env\[(.+)\]$/.exec(field.Name)?.[1];
  if (variable === 'SERVICE_VERSION') return versionChange(field);
  if (variable !== undefined) {
    const secret = /^(.+)_FILE$/.exec(variable)?.[1];
    if (secret !== undefined) return change(secretName(secret), ...sides(field, () => ''));
    return variableChange(
      variable,
      field.Type === 'Added' ? null : field.Old,
      field.Type === 'Deleted' ? null : field.New,
    );
  }
  // The paths of the checks, which come again as those of the checks themselves.
  if (/^Meta\[tandem_(health|live)\]$/.test(field.Name)) return fieldChange('health check path', field);
  if (field.Name === 'KillTimeout') return durationChange(`${prefix}drain`, field, killMarginMs);
  return fieldChange(`${prefix}${field.Name.toLowerCase()}`, field);
}

function taskObject(object: ObjectDiff, prefix: string): Change[] {
  switch (object.Name) {
    case 'Resources':
      return differing(object.Fields).map((field) => resource(field, prefix));
    case 'Config':
      return differing(object.Fields).map((field) => configField(field, prefix));
    case 'Template':
      return [templateChange(object, prefix)];
    default:
      return [placement(object) ?? generic(`${prefix}${object.Name}`, object)];
  }
}

function resource(field: FieldDiff, prefix: string): Change {
  switch (field.Name) {
    case 'MemoryMB':
      return fieldChange(`${prefix}memory`, field, 'MiB');
    case 'MemoryMaxMB':
      // Nomad writes 0 for "no limit above what is reserved".
      return change(`${prefix}memory limit`, ...sides(field, (value) => (value === '0' ? '' : value)), 'MiB');
    case 'CPU':
      return fieldChange(`${prefix}cpu`, field, 'MHz');
    default:
      return fieldChange(`${prefix}${field.Name}`, field);
  }
}

function configField(field: FieldDiff, prefix: string): Change {
  if (field.Name === 'image') return imageChange(field, prefix);
  // The folder of a local build ends in its digest.
  if (field.Name === 'work_dir' && /[-/][0-9a-f]{12}(\/|$)/.test(field.New)) return versionChange(field);
  if (field.Name === 'command' || field.Name.startsWith('args')) return changed(`${prefix}command`);
  return fieldChange(`${prefix}${field.Name}`, field);
}

function imageChange(field: FieldDiff, prefix: string): Change {
  const [before, after] = [splitTag(field.Old), splitTag(field.New)];
  if (prefix === '' && before.name === after.name && before.tag !== '' && after.tag !== '') {
    return change('version', before.tag, after.tag);
  }
  return change(`${prefix}image`, field.Old || null, field.New || null);
}

/** `registry:5000/name:tag`: the tag follows the last colon behind the last slash. */
function splitTag(image: string): { name: string; tag: string } {
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon === -1
    ? { name: image, tag: '' }
    : { name: image.slice(0, colon), tag: image.slice(colon + 1) };
}

function versionChange(field: FieldDiff): Change {
  const digest = (value: string) => /([0-9a-f]{12})(\/[^/]*)?$/.exec(value)?.[1] ?? value;
  return change('version', ...sides(field, digest));
}

function templateChange(object: ObjectDiff, prefix: string): Change {
  const path = object.Fields?.find((field) => field.Name === 'DestPath');
  const destination = path?.New || path?.Old || '';
  const secret = /(^|\/)secrets\/(.+)$/.exec(destination)?.[2];
  if (secret !== undefined) return changed(secretName(secret), `${secretName(secret)} ${verb(object)}`);
  // An edited template comes without its path, which did not change.
  const what = destination === '' ? `${prefix}generated file` : `${prefix}file ${destination}`;
  return changed(what, `${what} ${verb(object)}`);
}

/** Secrets are named in the file with dashes, in lower case. */
function secretName(name: string): string {
  return `secret ${name.toLowerCase().replaceAll('_', '-')}`;
}

function placement(object: ObjectDiff): Change | null {
  if (object.Name !== 'Constraint' && object.Name !== 'Affinity' && object.Name !== 'Datacenters')
    return null;
  return changed('placement');
}

function named(kind: string, object: ObjectDiff): Change {
  const name = object.Fields?.find((field) => field.Name === 'Name');
  const what = `${kind} ${name?.New || name?.Old || ''}`.trimEnd();
  return changed(what, `${what} ${verb(object)}`);
}

/** A part of the job for which the file has no word of its own. */
function generic(name: string, object: ObjectDiff): Change {
  const what = name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return changed(what, `${what} ${verb(object)}`);
}

function verb(object: ObjectDiff): string {
  if (object.Type === 'Added') return 'added';
  return object.Type === 'Deleted' ? 'removed' : 'changed';
}

function fieldChange(what: string, field: FieldDiff, unit = ''): Change {
  return change(what, ...sides(field, brief), unit);
}

/**
 * @param field its values are nanoseconds
 * @param margin milliseconds that the compiler added to what the file says
 */
function durationChange(what: string, field: FieldDiff, margin = 0): Change {
  return change(what, ...sides(field, (value) => roundDuration(Number(value) / 1e6 - margin)));
}

function sides(field: FieldDiff, show: (value: string) => string): [string | null, string | null] {
  return [field.Type === 'Added' ? null : show(field.Old), field.Type === 'Deleted' ? null : show(field.New)];
}

/** A length of time that a person wrote: `5 s`, not `5.0 s`. */
export function roundDuration(ms: number): string {
  return formatDuration(ms).replace('.0 ', ' ').replace(' 00 s', '').replace(' 00 m', '');
}

/**
 * The parts that differ. Nomad also calls edited what differs only in bookkeeping of its own (the index of a scaling
 * policy, a number that was stored as another type): nothing in it differs then.
 */
function differing<T extends Part>(list: T[] | null): T[] {
  return (list ?? []).filter((each) => each.Type === 'Added' || each.Type === 'Deleted' || isEdited(each));
}

interface Part {
  Type: string;
  New?: string;
  Fields?: Part[] | null;
  Objects?: Part[] | null;
  Tasks?: Part[] | null;
}

function isEdited(part: Part): boolean {
  if (part.Type !== 'Edited') return false;
  const isField = part.New !== undefined;
  return (
    isField || [part.Fields, part.Objects, part.Tasks].some((list) => differing(list ?? null).length > 0)
  );
}
