/**
 * A service's name within names of variables, of nginx (`$rooms_split`) and of consul-template (`$rooms`), which allow
 * letters, digits and `_` only. Two services never get the same one.
 */
export const variableOf = (service: string): string => service.replaceAll('_', '__').replaceAll('-', '_');

/** The upstreams of a service: ordinary instances, and those of a weighted canary. */
export const upstreamOf = (service: string, side: 'stable' | 'canary'): string => `${service}_${side}`;
