import { type Bench, type Figure, figure } from './bench.ts';
import { byHand, byTandem, type Delivery, stages } from './deliveries.ts';
import { StackUnderTest } from './stack-under-test.ts';
import { mean, median } from './statistics.ts';
import { Variant } from './variant.ts';

/** TANDEM_BENCH_DEPLOYS asks for another number of each kind. */
const standardRounds = 20;

/**
 * From the edit of a source file of `rooms` until the new version answers through the edge, by `tandem deploy` and by
 * hand, in turns on the same stack. By hand is as quick as a practised person's script: the job file is written
 * beforehand, with the same update policy; counted are the edit, `cp -a` of the build and `nomad job run`. The edge
 * follows Consul by the same consul-template either way.
 *
 * Consul asks a new instance for the first time at a random moment of the check's interval (1 s), and this wait has the same
 * distribution whoever deployed it. It is large against what is compared, so that for the comparison every delivery is counted
 * with the average wait of all; how they came is shown beside it.
 */
export const deploy: Bench = {
  async run(context) {
    const { root, env, signal, say, note } = context;
    const rounds = Number(env.TANDEM_BENCH_DEPLOYS ?? standardRounds);
    const stack = await StackUnderTest.open(context);
    const { file } = stack.addresses;
    const variant = await Variant.make({ root, file, service: 'rooms' }, (document) =>
      document.setIn(['services', 'rooms', 'update'], { healthy: '1s' }),
    );
    const tandem: Delivery[] = [];
    const hand: Delivery[] = [];
    try {
      // The first one changes the update policy, too, and fills caches.
      say('preparing');
      await variant.edit();
      await stack.deploy(variant.path);
      for (let round = 0; round < rounds; round++) {
        signal.throwIfAborted();
        say(`round ${round + 1} of ${rounds}`, round / rounds);
        // Who is first in a round would be at an advantage if the machine grew slower.
        const kinds = round % 2 === 0 ? ([byTandem, byHand] as const) : ([byHand, byTandem] as const);
        for (const deliver of kinds) {
          (deliver === byTandem ? tandem : hand).push(await deliver({ stack, variant, root, env, signal }));
        }
      }
    } finally {
      await variant.remove();
      await stack.restore();
    }
    note(
      'The target is held against deliveries that are counted with the average of all waits for Consul: it asks a new ' +
        'instance for the first time at a random moment within a second, whoever deployed it. How they came stands above.',
    );
    return figures(tandem, hand);
  },
};

function figures(tandem: readonly Delivery[], hand: readonly Delivery[]): Figure[] {
  const of = (deliveries: readonly Delivery[], what: (delivery: Delivery) => number) =>
    median(deliveries.map(what));
  const pair = (name: string, what: (delivery: Delivery) => number) => [
    figure(`${name}: \`tandem deploy\`, median of ${tandem.length}`, of(tandem, what) / 1000, 's'),
    figure(`${name}: by hand, median of ${hand.length}`, of(hand, what) / 1000, 's'),
  ];
  const answer = ({ answeredMs }: Delivery) => answeredMs;
  const wait = ({ readyMs, passingMs }: Delivery) => passingMs - readyMs;
  const averageWait = mean([...tandem, ...hand].map(wait));
  const evened = (delivery: Delivery) => answer(delivery) - wait(delivery) + averageWait;
  const over = ({ overMs }: Delivery) => overMs;
  return [
    ...pair('edit → the new version answers through nginx', answer),
    figure('`tandem deploy` against by hand, as they came', of(tandem, answer) / of(hand, answer), 'x'),
    ...pair('the same with the average wait for Consul', evened),
    figure('`tandem deploy` against by hand', of(tandem, evened) / of(hand, evened), 'x', { atMost: 1.1 }),
    ...pair('edit → only the new version is left, command back', over),
    figure('`tandem deploy` against by hand', of(tandem, over) / of(hand, over), 'x'),
    ...pair('edit → Nomad has the job', ({ registeredMs }) => registeredMs),
    ...pair('Nomad has the job → an instance is ready', (each) => each.readyMs - each.registeredMs),
    ...pair('it is ready → Consul has asked it', wait),
    ...pair('Consul has asked it → it answers through nginx', (each) => each.answeredMs - each.passingMs),
    ...stages.map((stage) =>
      figure(
        `of a \`tandem deploy\`: ${stage}`,
        of(tandem, ({ stagesMs }) => stagesMs[stage] ?? Number.NaN),
        'ms',
      ),
    ),
  ];
}
