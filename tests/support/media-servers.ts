import { execFileSync } from 'node:child_process';
import { listenersOn } from '../../deploy-dsl/src/local/listeners.ts';
import { healthy } from './instances.ts';
import { until } from './until.ts';

/** A media server that carries a call. */
export interface MediaServer {
  /** As Consul knows it. */
  id: string;
  /** As `tandem drain` knows it. */
  instance: string;
  pid: number;
}

/** The media server of a room. */
export function mediaServerOf(room: string): Promise<MediaServer> {
  return until('the media server of the call', async () => {
    for (const { Service } of await healthy('media')) {
      const response = await fetch(`http://127.0.0.1:${Service.Port}/internal/calls`);
      const { calls } = (await response.json()) as { calls: { room: string }[] };
      const [listener] = await listenersOn([Service.Port]);
      if (listener?.pid && calls.some((call) => call.room === room))
        return { id: Service.ID, instance: allocationOf(Service.ID), pid: listener.pid };
    }
    return null;
  });
}

/** Nomad registers an instance as `_nomad-task-<allocation>-…`. */
const allocationOf = (id: string) => /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(id)?.[0] ?? id;

/** The native worker that carries the calls of a media server: the spare one was started after it. */
export function workerOf({ pid }: MediaServer): number {
  const asked = ['-o', 'pid=,comm=', '--sort=start_time', '--ppid', String(pid)];
  const children = execFileSync('ps', asked, { encoding: 'utf8' });
  const [, worker] = /(\d+) mediasoup/.exec(children) ?? [];
  if (worker === undefined) throw new Error(`the media server ${pid} has no worker:\n${children}`);
  return Number(worker);
}
