import type { NomadNetwork } from '../cluster/nomad-job.ts';
import type { Port } from '../language/model.ts';
import { variableName } from './units.ts';

/** A network on the machine's own address: ports that Nomad chooses, and those that the file fixes. */
export function network(dynamic: string[], fixed: Port[] = []): NomadNetwork {
  const reserved = fixed.flatMap(({ name, from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({
      Label: from === to ? name : `${name}-${from + index}`,
      Value: from + index,
    })),
  );
  return {
    Mode: 'host',
    DynamicPorts: dynamic.map((Label) => ({ Label })),
    ...(reserved.length > 0 ? { ReservedPorts: reserved } : {}),
  };
}

/** `PORT_RTC` for a single port, `PORT_RTC_FROM` and `PORT_RTC_TO` for a range. */
export function portVariables(ports: Port[]): Record<string, string> {
  return Object.fromEntries(
    ports.flatMap(({ name, from, to }): [string, string][] => {
      const variable = `PORT_${variableName(name)}`;
      return from === to
        ? [[variable, String(from)]]
        : [
            [`${variable}_FROM`, String(from)],
            [`${variable}_TO`, String(to)],
          ];
    }),
  );
}
