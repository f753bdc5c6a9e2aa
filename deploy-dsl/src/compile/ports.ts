import type { NomadNetwork } from '../cluster/nomad-job.ts';
import type { Port } from '../language/model.ts';
import { variableName } from './units.ts';

/**
 * A network on the machine's own address: ports that Nomad chooses, and those that the file fixes. Of those that instances
 * share Nomad knows nothing: it would give them to the first one alone.
 */
export function network(dynamic: string[], fixed: Port[] = []): NomadNetwork {
  const reserved = new Map<number, { Label: string; Value: number }>();
  for (const { name, from, to, shared } of fixed) {
    if (shared) continue;
    for (let Value = from; Value <= to; Value += 1) {
      // Nomad sets a number aside for TCP and UDP alike, so one that is wanted for both is set aside once.
      if (!reserved.has(Value))
        reserved.set(Value, { Label: from === to ? name : `${name}-${Value}`, Value });
    }
  }
  return {
    Mode: 'host',
    DynamicPorts: dynamic.map((Label) => ({ Label })),
    ...(reserved.size > 0 ? { ReservedPorts: [...reserved.values()] } : {}),
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
