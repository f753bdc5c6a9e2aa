import { isConflict } from '../cluster/cluster-error.ts';
import type { TargetCloud } from '../cluster/target.ts';
import { secretItem, secretsPath } from '../compile/secrets.ts';
import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { changedMeanwhile, secretTooLarge } from '../language/errors/service.ts';
import type { Service } from '../language/model.ts';
import { mostBytes } from './secret-value.ts';

/** True where every cloud has this very value already, so that nothing would change. */
export async function isSecretSetTo(
  service: string,
  name: string,
  value: string,
  clouds: readonly TargetCloud[],
): Promise<boolean> {
  return (await secretValues(service, name, clouds)).every((present) => present === value);
}

/** The value that a secret has in each cloud, in their order; null where it has none. For the commands only: never print it. */
export async function secretValues(
  service: string,
  name: string,
  clouds: readonly TargetCloud[],
): Promise<(string | null)[]> {
  const variables = await Promise.all(clouds.map(({ nomad }) => nomad.variables.get(secretsPath(service))));
  return variables.map((variable) => variable?.Items[secretItem(name)] ?? null);
}

/** Which secrets of a service are set, by cloud. Values never leave this function. */
export async function secretStates(
  service: Service,
  clouds: readonly TargetCloud[],
): Promise<{ service: string; name: string; setIn: string[]; missingIn: string[] }[]> {
  const keys = await Promise.all(
    clouds.map(async ({ name, nomad }) => {
      const variable = await nomad.variables.get(secretsPath(service.name));
      return { name, items: new Set(Object.keys(variable?.Items ?? {})) };
    }),
  );
  return service.secrets.map(({ name }) => {
    const has = ({ items }: { items: Set<string> }) => items.has(secretItem(name));
    return {
      service: service.name,
      name,
      setIn: keys.filter(has).map((cloud) => cloud.name),
      missingIn: keys.filter((cloud) => !has(cloud)).map((cloud) => cloud.name),
    };
  });
}

/**
 * Sets a secret, or removes it (null), in every cloud; the others of the service stay. Instances keep the value that
 * they started with.
 *
 * @throws TandemError when it is too large, or somebody else wrote in the same moment
 */
export async function writeSecret(
  service: string,
  name: string,
  value: string | null,
  clouds: readonly TargetCloud[],
): Promise<void> {
  for (const cloud of clouds) {
    const { variables } = cloud.nomad;
    const current = await variables.get(secretsPath(service));
    const { [secretItem(name)]: _, ...others } = current?.Items ?? {};
    const items = value === null ? others : { ...others, [secretItem(name)]: value };
    if (value !== null) {
      const left = mostBytes - Buffer.byteLength(Object.entries(others).flat().join('')) - name.length;
      if (Buffer.byteLength(value) > left) {
        throw new TandemError([secretTooLarge(name, left)], exitCodes.badInput);
      }
    }
    const cas = current?.ModifyIndex ?? 0;
    try {
      if (Object.keys(items).length === 0) await variables.delete(secretsPath(service), { cas });
      else await variables.put(secretsPath(service), items, { cas });
    } catch (error) {
      if (isConflict(error)) throw new TandemError([changedMeanwhile(`secrets of "${service}"`, cloud.name)]);
      throw error;
    }
  }
}
