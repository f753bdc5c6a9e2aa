import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RabbitmqServer, startRabbitmq } from '../support/rabbitmq.ts';

/** nomad-jobs/platform/rabbitmq/run.sh: the next instance starts on the data and the ports of the one before. */

let server: RabbitmqServer;
beforeAll(async () => {
  server = await startRabbitmq();
  await server.client.declareQueue('kept', { 'x-queue-type': 'quorum' });
});
afterAll(() => server?.stop());

const formers = { stopped: 'is on its way out', killed: 'has lost its supervisor and serves on' } as const;

for (const former of ['stopped', 'killed'] as const) {
  test(`the one before ${formers[former]}: no message is lost`, async () => {
    expect(await server.publish('', 'kept', former)).toBe(true);
    await server.replace(former);
    await server.count('kept', 1);
    expect(await server.drain('kept')).toEqual([former]);
  }, 300_000);
}
