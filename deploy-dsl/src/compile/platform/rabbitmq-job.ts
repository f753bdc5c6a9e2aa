import type { NomadJob, NomadTask, NomadTemplate } from '../../cluster/nomad-job.ts';
import type { Model } from '../../language/model.ts';
import { cloudRabbitmqUser, images, localRabbitmqAccount, nodeMeta, platformPorts } from '../assumptions.ts';
import { placement } from '../placement.ts';
import { priorities, reschedulePolicy, restartPolicy, waitForMachine } from '../policies.ts';
import { runtime } from '../runtime.ts';
import type { Place } from '../settings.ts';
import { seconds } from '../units.ts';
import { asset, assetTemplate, fill } from './assets.ts';

/** Name of the job, and of the service in Consul. */
export const rabbitmqName = 'rabbitmq';

/**
 * CPU (MHz) on this machine, where it starts together with everything that waits for it: what Nomad sets aside is also the
 * weight by which the kernel shares the CPU out, and RabbitMQ's start is the longest.
 */
const localCpuMHz = 700;

/** The message broker of a cloud: one server, its data in a volume. */
export function rabbitmqJob(model: Model, place: Place): NomadJob {
  const raw = place.driver === 'raw_exec';
  const ports = {
    amqp: platformPorts.amqp + place.portOffset,
    management: platformPorts.management + place.portOffset,
  };
  return {
    ID: rabbitmqName,
    Name: rabbitmqName,
    Type: 'service',
    Priority: priorities.state,
    Region: place.cloud,
    Datacenters: [place.cloud],
    Meta: { tandem_environment: place.environment },
    ...placement(place, 'default', null),
    Update: {
      MaxParallel: 1,
      HealthCheck: 'checks',
      MinHealthyTime: seconds(1),
      HealthyDeadline: seconds(180),
      ProgressDeadline: seconds(300),
      AutoRevert: false,
      AutoPromote: false,
      // Never two at once on the same data.
      Canary: 0,
    },
    TaskGroups: [
      {
        Name: rabbitmqName,
        Count: 1,
        Networks: [
          {
            Mode: 'host',
            ReservedPorts: [
              { Label: 'amqp', Value: ports.amqp },
              { Label: 'management', Value: ports.management },
            ],
          },
        ],
        Services: [
          {
            Name: rabbitmqName,
            Provider: 'consul',
            PortLabel: 'amqp',
            Tags: [],
            Checks: [{ Name: 'rabbitmq accepts', Type: 'tcp', Interval: seconds(1), Timeout: seconds(1) }],
          },
          {
            Name: `${rabbitmqName}-management`,
            Provider: 'consul',
            PortLabel: 'management',
            Tags: [],
            Checks: [
              {
                Name: 'rabbitmq management',
                Type: 'http',
                Path: '/',
                Interval: seconds(1),
                Timeout: seconds(1),
              },
            ],
          },
        ],
        RestartPolicy: restartPolicy,
        ReschedulePolicy: reschedulePolicy,
        Disconnect: waitForMachine,
        ...(raw
          ? {}
          : { Volumes: { data: { Name: 'data', Type: 'host', Source: rabbitmqName, ReadOnly: false } } }),
        Tasks: [task(model, place, ports)],
      },
    ],
  };
}

function task(model: Model, place: Place, ports: { amqp: number; management: number }): NomadTask {
  const raw = place.driver === 'raw_exec';
  const configuration: NomadTemplate = {
    EmbeddedTmpl: fill(asset('rabbitmq/rabbitmq.conf'), {
      address: place.local ? '127.0.0.1' : '{{ env "NOMAD_IP_amqp" }}',
      amqp: String(ports.amqp),
      management: String(ports.management),
      // The rest is the runtime's own, and what a garbage collection needs for a moment.
      memory_mib: String(Math.floor(model.rabbitmq.memoryMiB * 0.7)),
      account: account(place),
    }),
    // It holds a password.
    DestPath: place.local ? 'local/rabbitmq.conf' : 'secrets/rabbitmq.conf',
    // RabbitMQ makes the account at its first start: another password in the variable changes nothing here.
    ChangeMode: 'noop',
    ErrMissingKey: true,
  };
  return {
    Name: rabbitmqName,
    Driver: place.driver,
    Config: raw
      ? { command: 'sh', args: [`${runtime('NOMAD_TASK_DIR')}/run.sh`] }
      : { image: images.rabbitmq, network_mode: 'host' },
    Env: {
      RABBITMQ_NODENAME: 'tandem@localhost',
      RABBITMQ_DIST_PORT: String(platformPorts.distribution + place.portOffset),
      ERL_EPMD_PORT: String(platformPorts.epmd + place.portOffset),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      ...(raw
        ? { RABBITMQ_DATA: `${nodeMeta.data}/${rabbitmqName}` }
        : { RABBITMQ_CONFIG_FILE: `${runtime('NOMAD_SECRETS_DIR')}/rabbitmq.conf` }),
    },
    Templates: [
      configuration,
      ...(raw ? [assetTemplate('rabbitmq/run.sh'), assetTemplate('rabbitmq/enabled_plugins')] : []),
    ],
    Resources: {
      CPU: place.local ? localCpuMHz : 300,
      MemoryMB: model.rabbitmq.memoryMiB,
      MemoryMaxMB: model.rabbitmq.memoryMiB * 2,
    },
    ...(raw ? {} : { VolumeMounts: [{ Volume: 'data', Destination: '/var/lib/rabbitmq', ReadOnly: false }] }),
    LogConfig: { MaxFiles: 3, MaxFileSizeMB: 10 },
    // A clean stop writes the queues' indices; without it the next start has to recover them.
    KillTimeout: seconds(60),
    KillSignal: 'SIGTERM',
  };
}

/** RabbitMQ's own account works on this machine only; elsewhere operators set a password in the Nomad variable `nomad/jobs`. */
function account(place: Place): string {
  const { user, password } = place.local
    ? localRabbitmqAccount
    : {
        user: cloudRabbitmqUser,
        password: '{{ with nomadVar "nomad/jobs" }}{{ .rabbitmq_password }}{{ end }}',
      };
  return `default_user = ${user}\ndefault_pass = ${password}`;
}
