import type { NomadTemplate } from '../cluster/nomad-job.ts';
import type { Service } from '../language/model.ts';
import { localRabbitmqAccount } from './assumptions.ts';
import { runtime } from './runtime.ts';
import type { Place } from './settings.ts';
import { variableName } from './units.ts';

/** Item of a secret in the Nomad variable `nomad/jobs/<service>`: variables allow no `-` in the names of their items. */
export const secretItem = (secret: string): string => secret.replaceAll('-', '_');

/** Path of the Nomad variable with the secrets of a service. Its job, and no other service's, may read it. */
export const secretsPath = (service: string): string => `nomad/jobs/${service}`;

/** The templates that put a service's secrets into files that only it can read; never into its environment. */
export function secretTemplates(service: Service, usesRabbitmq: boolean, place: Place): NomadTemplate[] {
  const own = service.secrets.map(({ name }) =>
    secretFile(name, variable(secretsPath(service.name), name), place),
  );
  return usesRabbitmq ? [...own, secretFile('rabbitmq-password', rabbitmqPassword(place), place)] : own;
}

/** `JWT_PRIVATE_KEY_FILE` and so on: where the service finds each secret. */
export function secretVariables(service: Service): Record<string, string> {
  return Object.fromEntries(service.secrets.map(({ name }) => fileVariable(name)));
}

export const fileVariable = (secret: string): [string, string] => [
  `${variableName(secret)}_FILE`,
  `${runtime('NOMAD_SECRETS_DIR')}/${secret}`,
];

function secretFile(name: string, template: string, place: Place): NomadTemplate {
  return {
    EmbeddedTmpl: template,
    DestPath: `secrets/${name}`,
    // Nomad would restart all instances at once. `tandem secret` replaces them one after the other.
    ChangeMode: 'noop',
    // In a container the program is often not the user who wrote the file, and nobody else sees the folder.
    Perms: place.driver === 'docker' ? '0444' : '0400',
    // A missing item stops the start with a message that names it; else the file would hold "<no value>".
    ErrMissingKey: true,
  };
}

const variable = (path: string, secret: string): string =>
  `{{ with nomadVar "${path}" }}{{ .${secretItem(secret)} }}{{ end }}`;

const rabbitmqPassword = (place: Place): string =>
  place.local ? localRabbitmqAccount.password : variable('nomad/jobs', 'rabbitmq-password');
