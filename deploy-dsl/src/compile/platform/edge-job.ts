import type { NomadJob, NomadTask, NomadTemplate } from '../../cluster/nomad-job.ts';
import type { Model } from '../../language/model.ts';
import { edgeTemplateKey, images, platformPorts } from '../assumptions.ts';
import { edgeAddress, edgePort } from '../edge/listen.ts';
import { placement } from '../placement.ts';
import { priorities, systemRestartPolicy } from '../policies.ts';
import { runtime } from '../runtime.ts';
import type { Place } from '../settings.ts';
import { nanoseconds, seconds } from '../units.ts';
import { assetTemplate } from './assets.ts';

/** Folder of the edge in the allocation, as Nomad's file API names it; `outcome.json` is in it (see apply.sh). */
export const edgeFolder = 'alloc/data/edge';

/** consul-template's part of the edge's memory, MiB: 30 in use with a few hundred services. */
const consulTemplateMiB = 48;

/**
 * The edge of a cloud: nginx and consul-template beside each other on every ordinary machine. Nothing in here depends on
 * the services, so that a route or an instance more never replaces the edge.
 */
export function edgeJob(model: Model, place: Place): NomadJob {
  return {
    ID: 'edge',
    Name: 'edge',
    Type: 'system',
    Priority: priorities.edge,
    Region: place.cloud,
    Datacenters: [place.cloud],
    Meta: { tandem_environment: place.environment },
    ...placement(place, 'default', null),
    Update: {
      MaxParallel: 1,
      HealthCheck: 'checks',
      MinHealthyTime: seconds(1),
      HealthyDeadline: seconds(60),
      ProgressDeadline: seconds(120),
      AutoRevert: false,
      AutoPromote: false,
      Canary: 0,
    },
    TaskGroups: [
      {
        Name: 'edge',
        Count: 1,
        Networks: [{ Mode: 'host', ReservedPorts: [{ Label: 'http', Value: edgePort(model, place) }] }],
        Services: [
          {
            Name: 'edge',
            Provider: 'consul',
            PortLabel: 'http',
            Tags: [],
            Checks: [
              {
                Name: 'edge ready',
                Type: 'http',
                Path: '/healthz',
                Interval: seconds(2),
                Timeout: seconds(1),
                FailuresBeforeCritical: 2,
              },
            ],
          },
        ],
        // A load balancer in front needs a few of its checks to see that this one goes.
        ...(place.local ? {} : { ShutdownDelay: seconds(10) }),
        RestartPolicy: systemRestartPolicy,
        // The last good configuration moves on to the instance that replaces this one on the same machine.
        EphemeralDisk: { SizeMB: 300, Sticky: true, Migrate: false },
        Tasks: [nginxTask(model, place), consulTemplateTask(place)],
      },
    ],
  };
}

function nginxTask(model: Model, place: Place): NomadTask {
  const memory = Math.max(32, model.edge.memoryMiB - consulTemplateMiB);
  return {
    Name: 'nginx',
    ...script('nginx.sh', images.nginx, place),
    Env: {
      EDGE_LISTEN: edgeAddress(model, place),
      ...(place.driver === 'raw_exec' ? { EDGE_USER: 'root' } : {}),
    },
    Templates: ['nginx.sh', 'apply.sh', 'bootstrap.conf'].map((name) => assetTemplate(`edge/${name}`)),
    // Workers of former configurations live on until their last request, so there may be several generations at once.
    Resources: { CPU: 200, MemoryMB: memory, MemoryMaxMB: memory * 4 },
    LogConfig: { MaxFiles: 5, MaxFileSizeMB: 10 },
    KillTimeout: seconds(20),
    KillSignal: 'SIGTERM',
  };
}

function consulTemplateTask(place: Place): NomadTask {
  const published: NomadTemplate = {
    EmbeddedTmpl: `{{ keyOrDefault "${edgeTemplateKey}" "" }}`,
    DestPath: 'local/nginx.conf.ctmpl',
    ChangeMode: 'signal',
    ChangeSignal: 'SIGHUP',
    Splay: 0,
    Wait: { Min: nanoseconds(50), Max: nanoseconds(250) },
  };
  return {
    Name: 'consul-template',
    ...script('render.sh', images.consulTemplate, place),
    Env: { CONSUL_HTTP_ADDR: `http://127.0.0.1:${platformPorts.consul + place.portOffset}` },
    Templates: [
      ...['render.sh', 'consul-template.hcl'].map((name) => assetTemplate(`edge/${name}`)),
      published,
    ],
    Resources: { CPU: 100, MemoryMB: consulTemplateMiB, MemoryMaxMB: consulTemplateMiB * 4 },
    LogConfig: { MaxFiles: 2, MaxFileSizeMB: 5 },
    KillTimeout: seconds(5),
    KillSignal: 'SIGTERM',
  };
}

function script(name: string, image: string, place: Place): Pick<NomadTask, 'Driver' | 'Config'> {
  const path = `${runtime('NOMAD_TASK_DIR')}/${name}`;
  return place.driver === 'docker'
    ? { Driver: 'docker', Config: { image, network_mode: 'host', entrypoint: ['sh', path] } }
    : { Driver: 'raw_exec', Config: { command: 'sh', args: [path] } };
}
