import type { Model, Service } from '../../language/model.ts';
import type { Place } from '../settings.ts';
import { upstreamOf, variableOf } from './names.ts';

/** Clouds other than the edge's own, whose instances are the reserve. */
export function otherClouds(model: Model, place: Place): string[] {
  return model.clouds.map(({ name }) => name).filter((name) => name !== place.cloud);
}

/** Connections that each worker of nginx keeps open to a service's instances. */
const idleConnections = 32;

/**
 * The upstreams of all services with routes. In the template's variables: `$rooms` are the instances of this cloud by tag,
 * `$roomsUp` says whether one of them passes its check, `$roomsAiling` whether one does not, `$roomsTo` is what `proxy_pass`
 * takes, empty where nobody can answer. (Capitals keep them apart from those of a service `rooms-to`.)
 *
 * An instance whose check fails is the last resort, asked when the healthy ones did not answer: on a busy machine checks
 * time out that requests would survive.
 */
export function upstreams(model: Model, place: Place): string {
  const others = otherClouds(model, place);
  const routed = Object.values(model.services).filter((service) => service.routes.length > 0);
  // Without the clouds that do not answer: waiting for one of them would keep this one's changes from being rendered.
  const reachable = others.length > 0 ? ['{{- $clouds := datacenters true }}'] : [];
  return [...reachable, ...routed.map((service) => upstreamsOf(service, place, others))].join('\n');
}

function upstreamsOf(service: Service, place: Place, others: string[]): string {
  const { name } = service;
  const here = `$${variableOf(name)}`;
  const to = toVariable(name);
  const up = `${here}Up`;
  const ailing = `${here}Ailing`;
  const reserve = others.filter((cloud) => service.instances[cloud] !== undefined);
  const reserveLists = reserve.map((cloud) => reserveVariable(here, cloud));
  const weighted = service.update.canaryPercent !== null;
  const affinity = hasAffinity(service);
  const stable = upstreamOf(name, 'stable');
  const canary = upstreamOf(name, 'canary');
  const healthier = [up, ...reserveLists].join(' ');
  return [
    `  # origin: services.${name}`,
    place.cloud in service.instances
      ? `{{- ${here} := service "${name}|any" | byTag }}{{ ${to} := "" }}`
      : `{{- ${here} := byTag nil }}{{ ${to} := "" }}`,
    whether(up, `index ${here} "stable"`, passes),
    whether(ailing, `index ${here} "stable"`, fails),
    ...reserve.map((cloud) => findReserve(here, name, cloud)),
    `{{- if or ${healthier} ${ailing} }}{{ ${to} = "${stable}" }}`,
    ...block(stable, affinity, [
      ...passing(`index ${here} "stable"`),
      ...reserve.flatMap((cloud) => reserveServers(here, cloud, up, affinity)),
      ...failing(`index ${here} "stable"`, healthier, affinity),
    ]),
    '{{- end }}',
    ...(weighted ? canaryBlock() : []),
  ].join('\n');

  function canaryBlock(): string[] {
    const percent = service.update.canaryPercent ?? 0;
    const split = `$${variableOf(name)}_split`;
    const canaryUp = `${here}CanaryUp`;
    return [
      whether(canaryUp, `index ${here} "canary"`, passes),
      `{{- if ${canaryUp} }}`,
      ...block(canary, affinity, [
        ...passing(`index ${here} "canary"`),
        // A canary that fails is not the client's trouble. (`hash` knows no reserve.)
        ...(affinity ? [] : passing(`index ${here} "stable"`, ' backup')),
      ]),
      `{{- if ${to} }}{{ ${to} = "${split}" }}`,
      `  # origin: services.${name}.update.canaryPercent`,
      `  split_clients "${name} $session" ${split} {`,
      `    ${percent}% ${canary};`,
      `    * ${stable};`,
      '  }',
      `{{- else }}{{ ${to} = "${canary}" }}{{ end }}`,
      '{{- end }}',
    ];
  }
}

/** The template's variable with what `proxy_pass` takes for a service. */
export const toVariable = (service: string): string => `$${variableOf(service)}To`;

/** A session of WebSockets comes back to the instance that it was on. */
export const hasAffinity = (service: Service): boolean => service.routes.some((route) => route.websocket);

const block = (name: string, affinity: boolean, servers: string[]): string[] => [
  `  upstream ${name} {`,
  `    zone ${name} 64k;`,
  ...(affinity ? ['    hash $session consistent;'] : []),
  ...servers,
  `    keepalive ${idleConnections};`,
  '    keepalive_requests 10000;',
  '    keepalive_timeout 4s;',
  '  }',
];

/** Conditions on the state of an instance. The fourth state is `maintenance`: somebody wants it to be left alone. */
const passes = 'eq .Status "passing"';
const fails = 'eq .Status "warning" "critical"';

/** Whether the condition holds for one of these instances, into a variable. */
const whether = (variable: string, list: string, condition: string): string =>
  `{{- ${variable} := false }}{{ range ${list} }}{{ if ${condition} }}{{ ${variable} = true }}{{ end }}{{ end }}`;

const server = (flags: string): string => `    server {{ .Address }}:{{ .Port }} max_fails=0${flags};`;

const passing = (list: string, flags = ''): string[] => [
  `{{- range ${list} }}{{ if ${passes} }}`,
  server(flags),
  '{{- end }}{{ end }}',
];

/** What fails its check waits until no healthier one is left; `hash` knows no `backup`: there it comes in only then. */
const failing = (list: string, healthier: string, affinity: boolean): string[] => [
  ...(affinity ? [`{{- if not (or ${healthier}) }}`] : []),
  `{{- range ${list} }}{{ if ${fails} }}`,
  server(affinity ? '' : `{{ if or ${healthier} }} backup{{ end }}`),
  '{{- end }}{{ end }}',
  ...(affinity ? ['{{- end }}'] : []),
];

/** The template's variable with the instances of another cloud. */
const reserveVariable = (here: string, cloud: string): string => `${here}In_${variableOf(cloud)}`;

/** The instances of another cloud that pass their checks, or nothing while it cannot be reached. */
const findReserve = (here: string, service: string, cloud: string): string => {
  const list = reserveVariable(here, cloud);
  return `{{- ${list} := "" }}{{ if in $clouds "${cloud}" }}{{ with service "${service}@${cloud}" }}{{ ${list} = . }}{{ end }}{{ end }}`;
};

/** The other cloud's instances wait until none here is left. `hash` knows no `backup`: there they come in only then. */
function reserveServers(here: string, cloud: string, up: string, affinity: boolean): string[] {
  const list = reserveVariable(here, cloud);
  const flag = affinity ? '' : `{{ if ${up} }} backup{{ end }}`;
  const condition = affinity ? `and ${list} (not ${up})` : list;
  return [`{{- if ${condition} }}{{ range ${list} }}`, server(flag), '{{- end }}{{ end }}'];
}
