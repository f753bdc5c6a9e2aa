import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { askRabbitmq, declareQueues, type TestRabbitmq, type TestRedis } from '@tandem/common/testing';
import { type BenchContext, type Figure, figure } from '../bench.ts';
import { median } from '../statistics.ts';
import { variablesOf } from './process.ts';

const messages = 20_000;
const window = 500;
const prefetch = 200;
const turns = 5;

type Way = 'bare' | 'common' | 'common with outbox';

/** Messages per second from publish to acknowledgement, each way in turns, each turn a new process and a new queue. */
export async function measureThroughput(
  rabbitmq: TestRabbitmq,
  redis: TestRedis,
  { signal, say }: BenchContext,
): Promise<Figure[]> {
  const rates: Record<Way, number[]> = { bare: [], common: [], 'common with outbox': [] };
  const ways: Way[] = ['bare', 'common', 'common with outbox'];
  for (let turn = 0; turn < turns; turn++) {
    for (const way of ways) {
      say(`${way}, turn ${turn + 1} of ${turns}`, (turn * 3 + ways.indexOf(way)) / (turns * 3 * 2));
      rates[way].push(await rateOf(way, turn));
    }
  }
  const [bare, common, outbox] = ways.map((way) => median(rates[way]));
  return [
    figure('bare amqplib: confirmed publish → consume', bare ?? 0, 'messages/s'),
    figure('through common, same guarantee', common ?? 0, 'messages/s'),
    figure('ratio', (common ?? 0) / (bare ?? 0), 'x', { atLeast: 0.8 }),
    figure('through common, with outbox and effect once', outbox ?? 0, 'messages/s'),
    figure('ratio of that', (outbox ?? 0) / (bare ?? 0), 'x'),
  ];

  async function rateOf(way: Way, turn: number): Promise<number> {
    const queue = `bench.${way.replaceAll(' ', '-')}.${turn}`;
    const queues = await declareQueues(rabbitmq.url, [{ queue, events: ['bench.done'], prefetch }]);
    const program = join(import.meta.dirname, way === 'bare' ? 'bare.ts' : 'common.ts');
    const told = { url: rabbitmq.url, queue, queues, messages, window, prefetch };
    const ms = await timeOf(program, {
      ...variablesOf({ ...told, redis: way === 'common with outbox' ? redis.url : '' }),
      PATH: process.env.PATH ?? '',
    });
    await deleteQueue(rabbitmq, queue);
    return messages / (ms / 1000);
  }

  function timeOf(program: string, env: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program], { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.on('error', reject);
      child.on('close', (code) => {
        const took = /^took ([\d.]+)$/m.exec(said)?.[1];
        if (code === 0 && took !== undefined) resolve(Number(took));
        else reject(new Error(`${program} ended with ${code}: ${said.trim()}`));
      });
    });
  }
}

/** So that the next turn's messages go to the next turn's queue only. */
async function deleteQueue({ management }: TestRabbitmq, queue: string): Promise<void> {
  const path = `queues/%2F/${encodeURIComponent(queue)}`;
  await askRabbitmq(management, 'DELETE', path);
}
