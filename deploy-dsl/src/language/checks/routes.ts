import { routeReserved, routeShadowed, routeTwice, websocketTimeout } from '../errors/meaning/routes.ts';
import type { Service } from '../model.ts';
import type { ModelPath } from '../origins.ts';
import type { CheckContext } from './check.ts';

/** Answered by the edge itself. */
const edgePath = '/healthz';
const shortestWebsocketTimeoutMs = 60_000;

interface Claim {
  service: Service;
  path: ModelPath;
}

/** Routes of all services: none twice, none that hides another by accident. */
export function checkRoutes(context: CheckContext): void {
  const claims = claimsOf(context);
  for (const service of context.services) {
    service.routes.forEach((route, index) => {
      const path = ['services', service.name, 'routes', index];
      const place = context.place([...path, 'path']);
      if (route.path === edgePath || route.path.startsWith(`${edgePath}/`)) {
        context.report(routeReserved(place, route.path));
      }
      if (route.websocket && route.timeoutMs < shortestWebsocketTimeoutMs) {
        context.report(
          websocketTimeout(context.place([...path, 'timeoutMs']), route.path, route.timeoutMs / 1000),
        );
      }
      const shorter = nearestAbove(route.path, claims);
      if (
        shorter !== null &&
        shorter.claim.service !== service &&
        claims.get(route.path)?.service === service
      ) {
        const { name } = shorter.claim.service;
        const labels = context.label(shorter.claim.path, `requests below ${shorter.path} go to "${name}"`);
        context.report(routeShadowed(place, route.path, shorter.path, name, labels));
      }
    });
  }
}

/** The first service with each path; later ones are reported. */
function claimsOf(context: CheckContext): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const service of context.services) {
    service.routes.forEach((route, index) => {
      const path = ['services', service.name, 'routes', index, 'path'];
      const before = claims.get(route.path);
      if (before === undefined) {
        claims.set(route.path, { service, path });
      } else {
        const labels = context.label(before.path, 'the first one');
        context.report(routeTwice(context.place(path), route.path, before.service.name, labels));
      }
    });
  }
  return claims;
}

/** The longest claimed prefix above a path; `/` does not count, it is there to catch the rest. */
function nearestAbove(path: string, claims: Map<string, Claim>): { path: string; claim: Claim } | null {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const prefix = path.slice(0, end);
    const claim = claims.get(prefix);
    if (claim !== undefined) {
      return { path: prefix, claim };
    }
  }
  return null;
}
