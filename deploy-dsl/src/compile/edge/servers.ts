import type { Model, Route, Service } from '../../language/model.ts';
import type { Place } from '../settings.ts';
import { shortDuration } from '../units.ts';
import { limitsOf } from './limits.ts';
import { edgeAddress } from './listen.ts';
import { hasAffinity, toVariable } from './upstreams.ts';

/** The server with all routes; where the environment has a domain, another one that refuses every other host name. */
export function servers(model: Model, place: Place, digest: string): string {
  const listen = `    listen ${edgeAddress(model, place)}`;
  const own = ['    location = /healthz {', ...health(digest), '    }', ...problems];
  const routes = Object.values(model.services).flatMap((service) =>
    service.routes.flatMap((route, index) => locations(model, service, route, index)),
  );
  const hasRoot = Object.values(model.services).some(({ routes }) => routes.some(({ path }) => path === '/'));
  const rest = hasRoot ? [] : ['    location / {', '      return 404;', '    }'];
  const refuse =
    model.domain === null
      ? []
      : [
          '  server {',
          `${listen} default_server;`,
          '    server_name _;',
          ...own,
          '    location / {',
          '      return 421;',
          '    }',
          '  }',
        ];
  return [
    ...refuse,
    '  server {',
    `${listen}${model.domain === null ? ' default_server' : ''};`,
    `    server_name ${model.domain ?? '_'};`,
    ...own,
    ...rest,
    ...routes,
    '  }',
  ].join('\n');
}

/** Variables that locations set where they differ from empty; nginx must have seen each of them set once. */
const variables = ['target', 'sticky', 'websocket', 'limit_wait'];

const health = (digest: string): string[] => [
  ...variables.map((name) => `      set $${name} "";`),
  '      set $unstored 1;',
  '      access_log off;',
  '      default_type application/json;',
  `      return 200 '{"status":"ok","template":"${digest}"}\\n';`,
];

const problems = [
  '    location = /.tandem/problem {',
  '      internal;',
  '      set $unstored 1;',
  '      default_type application/problem+json;',
  // The status stays that of the error.
  `      return 200 '{"type":"urn:tandem:problem:$problem_code","title":"$problem_title","status":$status,"code":"$problem_code","requestId":"$request_identity"}\\n';`,
  '    }',
];

/**
 * The locations of a route: the path itself and everything below it, so that `/api/rooms` does not take `/api/roomservice`.
 * The longest prefix of all wins, which is nginx' own rule. A request that its Idempotency-Key makes repeatable goes on to
 * a location of its own, as nginx decides by location what it sends twice.
 */
function locations(model: Model, service: Service, route: Route, index: number): string[] {
  const paths = route.path === '/' ? ['/'] : [`= ${route.path}`, `${route.path}/`];
  const origin = `    # origin: services.${service.name}.routes.${index}`;
  const own = directives(model, service, route, index);
  const location = (path: string, lines: string[]) => [
    origin,
    `    location ${path} {`,
    ...lines.map((line) => `      ${line}`),
    '    }',
  ];
  const repeated = `/.tandem/repeatable/${service.name}/${index}`;
  return [
    ...paths.flatMap((path) => location(path, [`if ($repeatable) { rewrite ^ ${repeated} last; }`, ...own])),
    ...location(`= ${repeated}`, [
      'internal;',
      'proxy_next_upstream error timeout http_503 non_idempotent;',
      ...own,
    ]),
  ];
}

function directives(model: Model, service: Service, route: Route, index: number): string[] {
  const to = toVariable(service.name);
  const sticky = hasAffinity(service) || service.update.canaryPercent !== null;
  const timeout = shortDuration(route.timeoutMs);
  return [
    `set $target ${service.name};`,
    ...(sticky ? ['set $sticky 1;'] : []),
    ...(route.websocket ? ['set $websocket 1;'] : []),
    ...limitsOf(service.name, route, index, model.edge.limit),
    `client_max_body_size ${route.bodyBytes};`,
    `proxy_read_timeout ${timeout};`,
    `proxy_send_timeout ${timeout};`,
    `{{ with ${to} }}proxy_pass http://{{ . }}$request_uri;{{ else }}return 503;{{ end }}`,
  ];
}
