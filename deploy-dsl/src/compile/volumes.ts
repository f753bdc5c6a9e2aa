import type { NomadTask, NomadTaskGroup } from '../cluster/nomad-job.ts';
import type { Service } from '../language/model.ts';
import { nodeMeta } from './assumptions.ts';
import type { Place } from './settings.ts';
import { variableName } from './units.ts';

/** Host volumes of a service, `<service>-<volume>` on the machine; null where there are none or no containers. */
export function volumeRequests(
  service: Service,
  place: Place,
): NonNullable<NomadTaskGroup['Volumes']> | null {
  if (place.driver === 'raw_exec' || service.volumes.length === 0) return null;
  return Object.fromEntries(
    service.volumes.map(({ name }) => [
      name,
      { Name: name, Type: 'host' as const, Source: `${service.name}-${name}`, ReadOnly: false },
    ]),
  );
}

export function volumeMounts(service: Service, place: Place): Pick<NomadTask, 'VolumeMounts'> {
  if (place.driver === 'raw_exec' || service.volumes.length === 0) return {};
  return {
    VolumeMounts: service.volumes.map(({ name, path }) => ({
      Volume: name,
      Destination: path,
      ReadOnly: false,
    })),
  };
}

/**
 * `VOLUME_RECORDINGS`: the folder of a volume. A container sees it at the path that the file gives; a plain process, which
 * has nothing mounted, in the folder for persistent data.
 */
export function volumeVariables(service: Service, place: Place): Record<string, string> {
  return Object.fromEntries(
    service.volumes.map(({ name, path }) => [
      `VOLUME_${variableName(name)}`,
      folderOf(service, name, path, place),
    ]),
  );
}

/** The folders that a plain process needs made before it starts. */
export function volumeFolders(service: Service, place: Place): string[] {
  return service.volumes.map(({ name, path }) => folderOf(service, name, path, place));
}

const folderOf = (service: Service, name: string, path: string, place: Place): string =>
  place.driver === 'raw_exec' ? `${nodeMeta.data}/${service.name}/${name}` : path;
