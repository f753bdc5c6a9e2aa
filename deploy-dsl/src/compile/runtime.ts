/** What Nomad puts in when it starts the task: `meta.zone` of the machine, `NOMAD_PORT_http` of the instance. */
export const runtime = (name: string): string => `\${${name}}`;
