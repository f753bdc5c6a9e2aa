import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Target } from '../cluster/target.ts';
import { secretItem, secretsPath } from '../compile/secrets.ts';
import type { Secret } from '../language/model.ts';
import { cloudOf } from '../plan/plan.ts';
import type { SecretPlan } from '../plan/secret-plan.ts';

/** Puts the secrets that can be had into the clouds that lack them: copied from another cloud, else generated. */
export async function makeSecrets(secrets: readonly SecretPlan[], target: Target): Promise<void> {
  for (const secret of secrets) {
    const value =
      secret.copyFrom === null
        ? await generate(secret.generate)
        : await read(secret, secret.copyFrom, target);
    if (value === null) continue;
    for (const cloud of secret.missingIn) await write(secret, cloud, value, target);
  }
}

/** @returns a PEM private key, or 32 random bytes as base64url; null where nothing says how to make one */
export async function generate(how: Secret['generate']): Promise<string | null> {
  if (how === null) return null;
  if (how === 'random-32') return randomBytes(32).toString('base64url');
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return privateKey;
}

async function read(secret: SecretPlan, cloud: string, target: Target): Promise<string | null> {
  const variable = await cloudOf(target, cloud).nomad.variables.get(secretsPath(secret.service));
  return variable?.Items[secretItem(secret.name)] ?? null;
}

/** Adds the item to the variable of the service; the other items stay. */
async function write(secret: SecretPlan, cloud: string, value: string, target: Target): Promise<void> {
  const { variables } = cloudOf(target, cloud).nomad;
  const path = secretsPath(secret.service);
  const current = await variables.get(path);
  const items = { ...current?.Items, [secretItem(secret.name)]: value };
  await variables.put(path, items, { cas: current?.ModifyIndex ?? 0 });
}
