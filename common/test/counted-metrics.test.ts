import { expect, test } from 'vitest';
import { Counts } from '../src/metrics/counts.ts';
import { Durations } from '../src/metrics/durations.ts';
import { Metrics } from '../src/metrics/metrics.ts';

const identity = { service: 'demo', cloud: 'local' };

test('durations are counted by the bound they do not exceed, for each combination of labels', async () => {
  const metrics = new Metrics(identity);
  const took = metrics.add(
    new Durations({
      name: 'took_seconds',
      help: 'How long',
      labels: ['route', 'status'],
      boundsS: [0.01, 0.1],
    }),
  );
  for (const ms of [10, 11, 99, 250]) took.add(ms, '/a', '200');
  took.add(1, '/a', '500');
  expect(await metrics.metrics()).toBe(
    `
# HELP took_seconds How long
# TYPE took_seconds histogram
took_seconds_bucket{le="0.01",route="/a",status="200",service="demo",cloud="local"} 1
took_seconds_bucket{le="0.1",route="/a",status="200",service="demo",cloud="local"} 3
took_seconds_bucket{le="+Inf",route="/a",status="200",service="demo",cloud="local"} 4
took_seconds_sum{route="/a",status="200",service="demo",cloud="local"} 0.37
took_seconds_count{route="/a",status="200",service="demo",cloud="local"} 4
took_seconds_bucket{le="0.01",route="/a",status="500",service="demo",cloud="local"} 1
took_seconds_bucket{le="0.1",route="/a",status="500",service="demo",cloud="local"} 1
took_seconds_bucket{le="+Inf",route="/a",status="500",service="demo",cloud="local"} 1
took_seconds_sum{route="/a",status="500",service="demo",cloud="local"} 0.001
took_seconds_count{route="/a",status="500",service="demo",cloud="local"} 1
`.replace('\n', '\n\n'),
  );
});

test('what a label holds does not end it', async () => {
  const metrics = new Metrics(identity);
  const seen = metrics.add(new Counts({ name: 'seen_total', help: 'Seen', labels: ['what'] }));
  for (const what of ['a"} 7\n', 'a\\', 'a\\']) seen.add(what);
  const lines = (await metrics.metrics()).split('\n').filter((line) => line.startsWith('seen_total'));
  expect(lines).toEqual([
    'seen_total{what="a\\"} 7\\n",service="demo",cloud="local"} 1',
    'seen_total{what="a\\\\",service="demo",cloud="local"} 2',
  ]);
});
