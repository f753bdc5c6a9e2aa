import { type Bench, figure } from './bench.ts';
import { startEdge } from './http/edge.ts';
import { saturate } from './http/saturate.ts';
import { path } from './http/served.ts';
import { startSide } from './http/side.ts';
import { median } from './statistics.ts';

const turns = 7;
const turnMs = 3_000;
const connections = 32;

/** An authenticated GET through the edge's nginx, to a service by common and to a bare `node:http` server, in turns. */
export const http: Bench = {
  async run({ env, signal, say }) {
    say('starting the servers');
    await using bare = await startSide('bare.ts');
    await using common = await startSide('common.ts');
    await using edge = await startEdge({ bare: bare.port, common: common.port }, env);
    const sides = Object.entries({ bare, common }).map(([name, side]) => ({
      name,
      side,
      perSecond: [] as number[],
      cpuUs: [] as number[],
    }));
    // The first turn, which warms up, does not count.
    for (let turn = 0; turn <= turns; turn++) {
      for (const { name, side, perSecond, cpuUs } of sides) {
        signal.throwIfAborted();
        say(`${name}, turn ${turn} of ${turns}`, turn / (turns + 1));
        const request = { port: edge.ports[name] ?? 0, path, authorization: common.authorization };
        const cpuBefore = await side.cpuS();
        const startedAt = performance.now();
        const answered = await saturate(request, connections, turnMs);
        const seconds = (performance.now() - startedAt) / 1000;
        if (turn === 0) continue;
        perSecond.push(answered / seconds);
        cpuUs.push((((await side.cpuS()) - cpuBefore) / answered) * 1e6);
      }
    }
    const [bareSide, commonSide] = sides.map(({ perSecond, cpuUs }) => ({
      perSecond: median(perSecond),
      cpuUs: median(cpuUs),
    }));
    if (bareSide === undefined || commonSide === undefined) throw new Error('there are two sides');
    return [
      figure('bare `node:http` server behind the edge', bareSide.perSecond, 'requests/s'),
      figure('service by common, authenticated, behind the same edge', commonSide.perSecond, 'requests/s'),
      figure('ratio', commonSide.perSecond / bareSide.perSecond, 'x', { atLeast: 0.85 }),
      figure('CPU of the bare server', bareSide.cpuUs, 'µs per request'),
      figure('CPU of the service', commonSide.cpuUs, 'µs per request'),
    ];
  },
};
