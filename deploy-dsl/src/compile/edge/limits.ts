import type { Model, RateLimit, Route } from '../../language/model.ts';

/** Zone of the limit that holds on every route, counted over all of them. */
export const edgeZone = 'edge';

/** Zone of a route's own limit. */
export const routeZone = (service: string, index: number): string => `${service}_route_${index}`;

/** A zone of 2 MB remembers 16,000 clients, the least recent first forgotten. */
const zone = (key: string, name: string, size: string, { requests, per }: RateLimit): string =>
  `  limit_req_zone ${key} zone=${name}:${size} rate=${requests}r/${per === 'second' ? 's' : 'm'};`;

/** The zones of all limits. */
export function limitZones(model: Model): string {
  const routes = Object.values(model.services).flatMap(({ name, routes }) =>
    routes.flatMap(({ limit }, index) =>
      limit === null
        ? []
        : [
            `  # origin: services.${name}.routes.${index}.limit`,
            zone(
              limit.by === 'user' ? '$bearer' : '$binary_remote_addr',
              routeZone(name, index),
              '2m',
              limit,
            ),
          ],
    ),
  );
  return [
    '  # origin: edge.limit',
    zone('$binary_remote_addr', edgeZone, '10m', model.edge.limit),
    ...routes,
  ].join('\n');
}

/**
 * The limits of a route. nginx counts evenly: 50/s is one each 20 ms. A client may send the whole of a period at once, and
 * after that as the time goes by.
 */
export function limitsOf(service: string, route: Route, index: number, edge: RateLimit): string[] {
  const own = route.limit;
  return [
    burst(edgeZone, edge),
    ...(own === null ? [] : [burst(routeZone(service, index), own), ...waitOf(own)]),
  ];
}

const burst = (name: string, { requests }: RateLimit): string =>
  requests === 1 ? `limit_req zone=${name};` : `limit_req zone=${name} burst=${requests - 1} nodelay;`;

/** Seconds until one more is let through, where that is more than one. */
function waitOf({ requests, per }: RateLimit): string[] {
  const wait = per === 'second' ? 1 : Math.ceil(60 / requests);
  return wait > 1 ? [`set $limit_wait ${wait};`] : [];
}
