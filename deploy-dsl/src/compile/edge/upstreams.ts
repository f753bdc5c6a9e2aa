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
 * `$rooms_to` is what `proxy_pass` takes, empty where nobody can answer.
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
  const to = `${here}_to`;
  const reserve = others.filter((cloud) => service.instances[cloud] !== undefined);
  const weighted = service.update.canaryPercent !== null;
  const affinity = hasAffinity(service);
  const stable = upstreamOf(name, 'stable');
  const canary = upstreamOf(name, 'canary');
  return [
    `  # origin: services.${name}`,
    place.cloud in service.instances
      ? `{{- ${here} := service "${name}" | byTag }}{{ ${to} := "" }}`
      : `{{- ${here} := byTag nil }}{{ ${to} := "" }}`,
    ...reserve.map((cloud) => reserveVariable(here, name, cloud)),
    `{{- if or (index ${here} "stable")${reserve.map((cloud) => ` ${here}_${variableOf(cloud)}`).join('')} }}{{ ${to} = "${stable}" }}`,
    ...block(stable, affinity, [
      ...servers(`index ${here} "stable"`),
      ...reserve.flatMap((cloud) => reserveServers(here, cloud, affinity)),
    ]),
    '{{- end }}',
    ...(weighted ? canaryBlock() : []),
  ].join('\n');

  function canaryBlock(): string[] {
    const percent = service.update.canaryPercent ?? 0;
    const split = `$${variableOf(name)}_split`;
    return [
      `{{- if index ${here} "canary" }}`,
      ...block(canary, affinity, [
        ...servers(`index ${here} "canary"`),
        // A canary that fails is not the client's trouble. (`hash` knows no reserve.)
        ...(affinity ? [] : servers(`index ${here} "stable"`, ' backup')),
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

const servers = (list: string, flags = ''): string[] => [
  `{{- range ${list} }}`,
  `    server {{ .Address }}:{{ .Port }} max_fails=0${flags};`,
  '{{- end }}',
];

/** The instances of another cloud, or nothing while it cannot be reached. */
const reserveVariable = (here: string, service: string, cloud: string): string => {
  const list = `${here}_${variableOf(cloud)}`;
  return `{{- ${list} := "" }}{{ if in $clouds "${cloud}" }}{{ with service "${service}@${cloud}" }}{{ ${list} = . }}{{ end }}{{ end }}`;
};

/** The other cloud's instances wait until none here is left. `hash` knows no `backup`: there they come in only then. */
function reserveServers(here: string, cloud: string, affinity: boolean): string[] {
  const list = `${here}_${variableOf(cloud)}`;
  const local = `index ${here} "stable"`;
  const flag = affinity ? '' : `{{ if ${local} }} backup{{ end }}`;
  const condition = affinity ? `and ${list} (not (${local}))` : list;
  return [
    `{{- if ${condition} }}{{ range ${list} }}`,
    `    server {{ .Address }}:{{ .Port }} max_fails=0${flag};`,
    '{{- end }}{{ end }}',
  ];
}
