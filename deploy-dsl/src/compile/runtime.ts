/** What Nomad puts in when it starts the task: `meta.zone` of the machine, `NOMAD_PORT_http` of the instance. */
export const runtime = (name: string): string => `\${${name}}`;

/** A text in the configuration of a driver that Nomad passes on as it is: `${HOME}` is for the program to understand. */
export const literal = (text: string): string => text.replaceAll(/[$%](?=\{)/g, '$&$&');

/** Meta of a job with a `$` in it, for `plain` below. */
export const dollarMeta = 'tandem_dollar';

/** What Nomad takes for a reference in the value of an environment variable, and may fill in. */
const reference = /\$(?=\{[\w.-]+\})/g;

export const hasReference = (text: string): boolean => text.search(reference) !== -1;

/**
 * The value of an environment variable that the program gets as it is written. Nomad knows no escape there; but it looks at
 * each text once, so that the `$` itself can be one that it fills in.
 */
export const plain = (text: string): string =>
  text.replaceAll(reference, () => runtime(`NOMAD_META_${dollarMeta}`));
