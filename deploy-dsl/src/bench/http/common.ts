import { createStaticDiscovery, defineService, Type } from '@tandem/common';
import { createTokenIssuer } from '@tandem/common/testing';
import { type Listening, path, profile } from './served.ts';

/** A service as ours are: the token is verified, the answer fits its schema, the request is logged, measured and traced. */
const issuer = createTokenIssuer();
await issuer.listen();
const service = await defineService({
  name: 'bench',
  description: '',
  routes(app) {
    const response = {
      200: Type.Object({
        id: Type.String(),
        name: Type.String(),
        createdAt: Type.String(),
        updatedAt: Type.String(),
        version: Type.Integer(),
      }),
    };
    app.get(path, { schema: { response } }, async () => profile);
  },
}).build({
  env: { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info' },
  discovery: createStaticDiscovery({ auth: [...issuer.instances] }),
});
const listening: Listening = {
  port: Number(new URL(await service.listen()).port),
  authorization: issuer.authorization('ada'),
};
process.send?.(listening);
process.once('disconnect', () => process.exit(0));
