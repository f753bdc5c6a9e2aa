import { constantOf } from '@tandem/common/contract';
import type { NewService, ServiceFiles } from './new-service.ts';
import { readme } from './readme.ts';

/** `package.json`, README.md and src/ of a new service; the formatter has still to wrap long lines. */
export function sourceFiles(service: NewService): ServiceFiles {
  return new Map([
    ['package.json', `${JSON.stringify(manifestOf(service.name), null, 2)}\n`],
    ['README.md', readme(service)],
    ['src/main.ts', main],
    ['src/service.ts', definition(service)],
    ['src/schemas.ts', service.redis ? itemSchemas : greetingSchemas],
    ['src/routes.ts', service.redis ? itemRoutes(service.name) : greetingRoutes(service.name)],
    ...(service.redis ? [['src/problems.ts', problems] as const] : []),
    ...(service.redis ? [['src/items.ts', items(service)] as const] : []),
    ...(service.publishes === null ? [] : [['src/events.ts', events(service.publishes)] as const]),
  ]);
}

/** As npm writes it; the lock file repeats a part of it. */
export function manifestOf(name: string) {
  return {
    name: `@tandem/${name}`,
    version: '0.1.0',
    private: true,
    type: 'module',
    license: 'Apache-2.0',
    scripts: {
      start: 'node src/main.ts',
      test: `vitest run --root ../.. --project unit services/${name}/`,
      contract: 'tandem-contract',
    },
    dependencies: { '@tandem/common': '*' },
  };
}

const main = `import { service } from './service.ts';

await service.start();
`;

function definition({ name, redis, publishes, consumes }: NewService): string {
  const consumed = consumes === null ? null : constantOf(consumes.name, consumes.version);
  const published = publishes === null ? null : constantOf(publishes, 1);
  return `import { defineService${consumed === null ? '' : ', on'} } from '@tandem/common';
${consumes === null ? '' : `import { ${consumed} } from './contracts/${consumes.owner}.ts';\n`}\
${published === null ? '' : `import { ${published} } from './events.ts';\n`}\
${redis ? "import { createItems } from './items.ts';\n" : ''}\
import { addRoutes } from './routes.ts';

export const service = defineService({
  name: '${name}',
  description: '${redis ? 'Keeps the items of each user.' : 'Greets whoever is signed in.'}',
${redis ? '  redis: true,\n' : ''}\
${published === null ? '' : `  publishes: [${published}],\n`}\
${consumed === null ? '' : handlerOf(consumed)}\
${
  redis
    ? `  routes(app, { redis, change }) {
    addRoutes(app, createItems(redis, change));
  },`
    : '  routes: addRoutes,'
}
});
`;
}

const handlerOf = (event: string) => `  consumes: () => [
    // Counts them: change() writes the effect in one step with the mark that this event was handled.
    on(${event}, ({ name, change }) => change({ commands: [['HINCRBY', 'handled', name, 1]] })),
  ],
`;

const greetingSchemas = `import { StrictObject, Type } from '@tandem/common';

export const GreetingQuery = StrictObject({
  word: Type.String({ minLength: 1, maxLength: 20, default: 'Hello', description: 'What to greet with' }),
});

export const Greeting = Type.Object({ text: Type.String(), userId: Type.String() });
`;

const greetingRoutes = (name: string) => `import type { App } from '@tandem/common';
import { Greeting, GreetingQuery } from './schemas.ts';

/** The public interface of the service. */
export function addRoutes(app: App): void {
  app.get(
    '/api/${name}/greeting',
    { schema: { summary: 'Greet me', querystring: GreetingQuery, response: { 200: Greeting } } },
    async ({ query, user }) => ({ text: \`\${query.word}!\`, userId: user.id }),
  );
}
`;

const itemSchemas = `import { type Static, StrictObject, Type } from '@tandem/common';

export const NewItem = StrictObject({ text: Type.String({ minLength: 1, maxLength: 200 }) });

export const ItemParams = Type.Object({ id: Type.String({ format: 'uuid' }) });

export const Item = Type.Object({
  id: Type.String(),
  text: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
});

export type Item = Static<typeof Item>;
`;

const itemRoutes = (name: string) => `import type { App } from '@tandem/common';
import type { Items } from './items.ts';
import { itemNotFound } from './problems.ts';
import { Item, ItemParams, NewItem } from './schemas.ts';

/** The public interface of the service. */
export function addRoutes(app: App, items: Items): void {
  app.post(
    '/api/${name}',
    {
      config: { idempotent: true },
      schema: { summary: 'Add an item of mine', body: NewItem, response: { 201: Item } },
    },
    async ({ body, user }, reply) => {
      const item = await items.add(user.id, body.text);
      return reply.code(201).header('location', \`/api/${name}/\${item.id}\`).send(item);
    },
  );

  app.get(
    '/api/${name}/:id',
    {
      config: { problems: [itemNotFound] },
      schema: { summary: 'An item of mine', params: ItemParams, response: { 200: Item } },
    },
    async ({ params, user }) => {
      const item = await items.find(user.id, params.id);
      if (item === null) throw itemNotFound();
      return item;
    },
  );
}
`;

const problems = `import { problemType } from '@tandem/common';

export const itemNotFound = problemType('item-not-found', 404, 'There is no such item');
`;

const items = ({ publishes }: NewService) => `import { randomUUID } from 'node:crypto';
import type { Change, Redis } from '@tandem/common';
${publishes === null ? '' : `import { ${constantOf(publishes, 1)} } from './events.ts';\n`}\
import type { Item } from './schemas.ts';

export interface Items {
  ${publishes === null ? '' : `/** Tells others of it by \`${publishes}\`, in the same step. */\n  `}\
add(ownerId: string, text: string): Promise<Item>;
  /** Null where there is none, and where it is somebody else's. */
  find(ownerId: string, id: string): Promise<Item | null>;
}

/** Items in the service's Redis; README.md has the keys. */
export function createItems(redis: Redis, change: Change): Items {
  return {
    async add(ownerId, text) {
      const item = { id: randomUUID(), text, createdAt: new Date().toISOString() };
      const fields = ['ownerId', ownerId, 'text', text, 'createdAt', item.createdAt];
      await change({
        commands: [['HSET', itemKey(item.id), ...fields]],
${publishes === null ? '' : `        publish: [${constantOf(publishes, 1)}({ id: item.id, ownerId })],\n`}\
      });
      return item;
    },
    async find(ownerId, id) {
      const { text, createdAt, ...stored } = await redis.hgetall(itemKey(id));
      if (stored.ownerId !== ownerId || text === undefined || createdAt === undefined) return null;
      return { id, text, createdAt };
    },
  };
}

const itemKey = (id: string) => \`item:\${id}\`;
`;

const events = (event: string) => `import { defineEvent, Type } from '@tandem/common';

export const ${constantOf(event, 1)} = defineEvent({
  name: '${event}',
  version: 1,
  description: 'Somebody added an item.',
  schema: Type.Object({ id: Type.String(), ownerId: Type.String() }),
});
`;
