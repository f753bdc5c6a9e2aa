import { freePorts, waitFor } from '@tandem/common/testing';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createWorkerPool } from '../src/worker-pool.ts';
import { workerBin } from './worker-bin.ts';

test.skipIf(workerBin() === undefined)(
  'media servers of one machine share a range, and whoever starts again has its port again',
  async () => {
    const ports = await freePorts(3);
    const start = () =>
      createWorkerPool({
        ...{ count: 1, ports, listenIp: '127.0.0.1', announcedAddress: undefined },
        ...{ workerBin: workerBin(), log: pino({ level: 'silent' }) },
      });
    const pools = [start(), start()];
    try {
      await waitFor('both have a worker', () => pools.every(({ workers }) => workers.length === 1));
      const portsTaken = () => pools.map(({ workers }) => workers[0]?.port);
      const before = portsTaken();
      expect(new Set(before).size).toBe(2);
      const killed = pools[1]?.workers[0]?.worker;
      process.kill(killed?.pid ?? 0, 'SIGKILL');
      await waitFor('it is noticed', () => killed?.died === true);
      expect((await pools[1]?.pick())?.worker.closed).toBe(false);
      expect(portsTaken()).toEqual(before);
    } finally {
      for (const pool of pools) pool.close();
    }
  },
);
