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
      const pid = pools[1]?.workers[0]?.worker.pid ?? 0;
      process.kill(pid, 'SIGKILL');
      await waitFor('another worker', () => {
        const now = pools[1]?.workers[0]?.worker.pid;
        return now !== undefined && now !== pid;
      });
      expect(portsTaken()).toEqual(before);
    } finally {
      for (const pool of pools) pool.close();
    }
  },
);
