/** What Nomad puts in when it starts the task: `meta.zone` of the machine, `NOMAD_PORT_http` of the instance. */
export const runtime = (name: string): string => `\${${name}}`;

/** A text in the configuration of a driver that Nomad passes on as it is: `${HOME}` is for the program to understand. */
export const literal = (text: string): string => text.replaceAll(/[$%](?=\{)/g, '$&$&');
