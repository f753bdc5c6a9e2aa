import type { Label } from '../../diagnostic.ts';
import { defineError, defineWarning, type Place } from '../define.ts';

/** Paths at the edge. */

export const routeTwice = defineError(
  'TDM-213',
  'Two routes have the same path.',
  (at: Place, path: string, owner: string, labels: Label[]) => ({
    title: `two routes have the path ${path}`,
    at,
    caption: `it leads to "${owner}" already`,
    labels,
    help: ['remove one of them, or make a path longer: the longest prefix wins'],
  }),
);

export const routeShadowed = defineWarning(
  'TDM-214',
  'A route takes a part of the paths below a route of another service.',
  (at: Place, path: string, shorter: string, owner: string, labels: Label[]) => ({
    title: `the route ${path} takes requests from ${shorter}`,
    at,
    caption: `"${owner}" never sees these`,
    labels,
    help: ['the longest prefix wins; if this is meant, nothing needs to be done'],
  }),
);

export const routeReserved = defineError(
  'TDM-215',
  'A route has a path that the edge answers itself.',
  (at: Place, path: string) => ({
    title: `the path ${path} belongs to the edge`,
    at,
    caption: 'answered by the edge itself',
    help: ['choose another path'],
  }),
);

export const websocketTimeout = defineWarning(
  'TDM-216',
  'A WebSocket route has a time-out of less than a minute.',
  (at: Place, path: string, seconds: number) => ({
    title: `WebSockets of ${path} are closed after ${seconds} s of silence`,
    at,
    caption: 'short for a WebSocket',
    help: ['leave "timeout" out for one hour, or make sure that a ping is sent more often than this'],
  }),
);
