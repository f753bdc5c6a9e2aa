/** Nomad's API takes durations in nanoseconds. */
export const nanoseconds = (milliseconds: number): number => milliseconds * 1_000_000;

export const seconds = (count: number): number => nanoseconds(count * 1000);

/** A duration as nginx and consul-template write it: whole seconds where it is whole, else milliseconds. */
export const shortDuration = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;

/** The name as an environment variable: `jwt-private-key` is `JWT_PRIVATE_KEY`. */
export const variableName = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
