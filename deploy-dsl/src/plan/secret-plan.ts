import type { Target } from '../cluster/target.ts';
import { secretItem, secretsPath } from '../compile/secrets.ts';
import type { Model, Secret } from '../language/model.ts';

/** A secret that a service needs and that is not in every cloud. */
export interface SecretPlan {
  service: string;
  name: string;
  /** How deploy makes it; null: an operator must set it first. */
  generate: Secret['generate'];
  /** The clouds that lack it. */
  missingIn: string[];
  /** A cloud that has it, from which deploy copies it; null: none. */
  copyFrom: string | null;
}

/** The secrets that are missing somewhere. Only names are looked at; no value leaves this function. */
export async function planSecrets(model: Model, target: Target): Promise<SecretPlan[]> {
  const needing = Object.values(model.services).filter((service) => service.secrets.length > 0);
  const plans = await Promise.all(
    needing.map(async (service) => {
      const clouds = target.clouds.filter(({ name }) => service.instances[name] !== undefined);
      const keys = await Promise.all(
        clouds.map(async ({ name, nomad }) => {
          const variable = await nomad.variables.get(secretsPath(service.name));
          return { cloud: name, keys: new Set(Object.keys(variable?.Items ?? {})) };
        }),
      );
      return service.secrets.map((secret): SecretPlan => {
        const has = (each: { keys: Set<string> }) => each.keys.has(secretItem(secret.name));
        return {
          service: service.name,
          name: secret.name,
          generate: secret.generate,
          missingIn: keys.filter((each) => !has(each)).map(({ cloud }) => cloud),
          copyFrom: keys.find(has)?.cloud ?? null,
        };
      });
    }),
  );
  return plans.flat().filter((secret) => secret.missingIn.length > 0);
}
