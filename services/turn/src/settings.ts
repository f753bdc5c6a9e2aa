import { SecretText, type Static, Type } from '@tandem/common';

const port = (description: string) => Type.Integer({ minimum: 1, maximum: 65_535, description });

/** What the service is told besides what every service is told; README.md explains each. */
export const settings = {
  credentialKey: SecretText({
    minLength: 16,
    description: 'What credentials are signed with; that of all instances',
  }),
  portTurnFrom: port('The instance listens on the first of these that is free, UDP and TCP'),
  portTurnTo: port('The last of them'),
  portRelayFrom: port('Each relayed connection takes one of these, UDP'),
  portRelayTo: port('The last of them'),
  publicAddress: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Address or name under which clients reach the machine; left out: HOST',
    }),
  ),
  allowedPeers: Type.Optional(
    Type.String({
      pattern: '^[0-9.]+(-[0-9.]+)?(,[0-9.]+(-[0-9.]+)?)*$',
      description: 'Addresses that are relayed to although they are private, with commas',
    }),
  ),
  credentialLifetimeS: Type.Integer({ default: 600, minimum: 30, maximum: 86_400 }),
  allocationsPerUser: Type.Integer({
    default: 12,
    minimum: 1,
    description: 'Two connections, over UDP and TCP, and as much again while somebody moves',
  }),
  bytesPerSecond: Type.Integer({
    default: 1_500_000,
    minimum: 1_000,
    description: 'What one relayed connection may carry in each direction',
  }),
  totalBytesPerSecond: Type.Integer({
    default: 100_000_000,
    minimum: 1_000,
    description: 'What all of them may carry',
  }),
};

/** With the address that it listens on and relays from. */
export type Settings = Static<ReturnType<typeof Type.Object<typeof settings>>> & { host: string };
