import type { App } from '../http/app.ts';
import { jwksPath } from './authentication.ts';
import { JwksSchema } from './key-set.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Publishes the public keys of a service that signs tokens, where every verifier looks for them. */
export function addJwks(app: App, service: string, keys: SigningKeys): void {
  app.get(
    jwksPath(service),
    {
      config: { access: 'public' },
      schema: { summary: 'The public keys that tokens are signed with', response: { 200: JwksSchema } },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return keys.jwks();
    },
  );
}
