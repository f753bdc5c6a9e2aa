import { type ConsumeMessage, connect } from 'amqplib';
import { benchText } from './event.ts';
import { queueOfProcess, report } from './process.ts';

/** What a program does by hand: confirmed publish and acknowledged consume, in one process. Prints how long it took. */
const { url, queue, messages, window, prefetch } = queueOfProcess();
const publishing = await connect(url, { noDelay: true });
const consuming = await connect(url, { noDelay: true });
const out = await publishing.createConfirmChannel();
const back = await consuming.createChannel();
await back.prefetch(prefetch);

let received = 0;
let sent = 0;
let confirmed = 0;
const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
const done = () => {
  if (received === messages && confirmed === messages) finish();
};
const handle = async (message: ConsumeMessage) => {
  JSON.parse(message.content.toString());
  back.ack(message);
  received++;
  done();
};
await back.consume(queue, (message) => {
  if (message !== null) void handle(message);
});
const publish = () => {
  const content = Buffer.from(JSON.stringify({ number: sent, text: benchText }));
  sent++;
  out.publish(
    'events',
    'bench.done',
    content,
    { persistent: true, mandatory: true, contentType: 'application/json' },
    () => {
      confirmed++;
      if (sent < messages) publish();
      else done();
    },
  );
};
const startedAt = performance.now();
for (let first = 0; first < window; first++) publish();
await finished;
report(performance.now() - startedAt);
