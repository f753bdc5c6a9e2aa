import {
  type App,
  type BuiltService,
  createStaticDiscovery,
  defineService,
  type ServiceContext,
  StrictObject,
  Type,
} from '../../src/index.ts';
import { collectLog, createTokenIssuer, type LogLines, type TokenIssuer } from '../../src/testing/index.ts';

export interface Demo {
  service: BuiltService;
  app: App;
  log: LogLines;
  issuer: TokenIssuer;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DemoOptions {
  env?: Record<string, string>;
  redis?: boolean;
  routes?: (app: App, context: ServiceContext<Record<never, never>, 'other'>) => void;
}

/** A small service with a few routes of its own, and an issuer whose tokens it believes. */
export async function startDemo({ env = {}, redis = false, routes }: DemoOptions = {}): Promise<Demo> {
  const issuer = createTokenIssuer();
  await issuer.listen();
  const log = collectLog();
  const demo = defineService({
    name: 'demo',
    description: 'For tests.',
    redis,
    calls: ['other'],
    bodyLimit: 1_000,
    routes(app, context) {
      app.post(
        '/api/demo/things/:id',
        {
          config: { access: 'public' },
          schema: {
            summary: 'Takes a thing',
            params: Type.Object({ id: Type.Integer() }),
            querystring: StrictObject({ loud: Type.Boolean({ default: false }) }),
            body: StrictObject({ size: Type.Integer({ minimum: 1 }), name: Type.Optional(Type.String()) }),
            response: {
              201: Type.Object({ id: Type.Integer(), size: Type.Integer(), loud: Type.Boolean() }),
            },
          },
        },
        async ({ params, query, body }, reply) =>
          reply.code(201).send({ id: params.id, size: body.size, loud: query.loud }),
      );
      app.get('/api/demo/me', async ({ user }) => user);
      app.get('/api/demo/broken', { config: { access: 'public' } }, async () => {
        throw new Error('the password of the database is hunter2');
      });
      routes?.(app, context);
    },
  });
  const service = await demo.build({
    env,
    logOutput: log,
    discovery: createStaticDiscovery({ auth: issuer.instances }),
  });
  return {
    service,
    app: service.app,
    log,
    issuer,
    async [Symbol.asyncDispose]() {
      await service.stop();
      await issuer.close();
    },
  };
}
