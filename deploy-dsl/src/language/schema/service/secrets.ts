import Type from 'typebox';
import { closed, mapOf, name } from '../values.ts';

const Secret = Type.Object(
  {
    generate: Type.Optional(
      Type.Union([Type.Literal('rsa-2048'), Type.Literal('random-32')], {
        title: '`rsa-2048` or `random-32`',
        description:
          'Made by `up` and `deploy` where it does not exist yet: an RSA private key (PEM), or 32 random bytes ' +
          '(base64url). Left out: an operator sets it with `./tandem secret set`.',
      }),
    ),
  },
  { ...closed, title: 'a map with `generate`' },
);

const secretName = Type.String({
  ...name('the name of a secret', 63),
  description:
    'Lower-case letters, digits and hyphens, starting with a letter; "rabbitmq-password" is the platform\'s own.',
  pattern: '^(?!rabbitmq-password$)[a-z]([a-z0-9-]*[a-z0-9])?$',
});

export const Secrets = Type.Union(
  [
    Type.Array(secretName, { title: 'a list of secrets', uniqueItems: true }),
    mapOf(secretName, Type.Union([Secret, Type.Null()], { title: 'a map with `generate`' }), {
      title: 'a map of secrets',
      description: 'By name of the secret.',
    }),
  ],
  {
    title: 'a list or a map of secrets',
    description:
      'Secrets the service reads, by name. Kept in Nomad Variables and mounted as a file whose path is in ' +
      '`<NAME>_FILE` (`jwt-private-key` → `JWT_PRIVATE_KEY_FILE`). An override replaces the whole list.',
    examples: [['smtp-password'], { 'jwt-private-key': { generate: 'rsa-2048' } }],
  },
);
