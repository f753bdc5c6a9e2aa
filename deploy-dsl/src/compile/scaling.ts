import type { NomadTaskGroup } from '../cluster/nomad-job.ts';
import type { Instances } from '../language/model.ts';

/** Mean CPU use, in percent of what is reserved, that the autoscaler keeps. Leaves room for a surge until it acts. */
const targetCpuPercent = 60;

/**
 * The block that hands the count to the autoscaler (Nomad's own `nomad-autoscaler`), where the file gives a range.
 * Out within seconds of a surge, back in slowly.
 */
export function scaling(instances: Instances): Pick<NomadTaskGroup, 'Scaling'> {
  if (instances.max <= instances.min) return {};
  return {
    Scaling: {
      Enabled: true,
      Min: instances.min,
      Max: instances.max,
      Policy: {
        cooldown: '1m',
        evaluation_interval: '10s',
        check: [
          {
            cpu: [
              {
                source: 'nomad-apm',
                query: 'avg_cpu-allocated',
                strategy: [{ 'target-value': [{ target: targetCpuPercent }] }],
              },
            ],
          },
        ],
      },
    },
  };
}
