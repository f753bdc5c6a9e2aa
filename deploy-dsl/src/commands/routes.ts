import { exitCodes } from '../language/diagnostic.ts';
import type { Model, RateLimit, Route, Service } from '../language/model.ts';
import { spellDuration } from '../language/spell.ts';
import { formatBytes } from '../terminal/size.ts';
import { table } from '../terminal/table.ts';
import type { Command } from './command.ts';
import { openFile } from './environment.ts';
import { environmentOptions, jsonOption } from './options.ts';

/** `tandem routes` */
export const routes: Command = {
  args: [],
  options: [...environmentOptions, jsonOption],
  examples: [
    { line: 'tandem routes', what: 'every public path, and who answers there' },
    { line: 'tandem routes --env production --json', what: 'for a script' },
  ],
  description:
    'The longest matching path wins. A route without a limit of its own has the limit of the edge, per address.',
  async run(context, { options }) {
    const { model } = (await openFile(context, options)).loaded;
    const all = routesOf(model);
    if (options.json === true) {
      context.terminal.print(
        JSON.stringify(
          all.map(({ service, route }) => ({
            service: service.name,
            instances: service.instances,
            ...route,
          })),
          null,
          2,
        ),
      );
      return exitCodes.fine;
    }
    const columns = ['path', 'service', 'instances', 'kind', 'limit', 'body', 'time-out'].map((title) => ({
      title,
    }));
    const rows = all.map(({ service, route }) => [
      route.path,
      service.name,
      instancesWords(service, model.clouds.length),
      route.websocket ? 'websocket' : 'http',
      limitWords(route.limit ?? model.edge.limit),
      formatBytes(route.bodyBytes),
      spellDuration(route.timeoutMs),
    ]);
    context.terminal.print(table(context.terminal, columns, rows));
    return exitCodes.fine;
  },
};

function routesOf(model: Model): { service: Service; route: Route }[] {
  return Object.values(model.services)
    .flatMap((service) => service.routes.map((route) => ({ service, route })))
    .sort((a, b) => (a.route.path < b.route.path ? -1 : 1));
}

/** `2`, `2..8`, or by cloud where there are several: `aws 2..8 gcp 1`, `aws 3`. */
function instancesWords({ instances }: Service, clouds: number): string {
  const words = Object.entries(instances).map(
    ([cloud, { min, max }]) => [cloud, min === max ? `${min}` : `${min}..${max}`] as const,
  );
  if (clouds === 1) return words.map(([, count]) => count).join();
  return words.map(([cloud, count]) => `${cloud} ${count}`).join('  ');
}

const limitWords = ({ requests, per, by }: RateLimit): string =>
  `${requests}/${per === 'second' ? 's' : 'm'} per ${by}`;
