import { parentPort, workerData } from 'node:worker_threads';
import { buildSegment } from './build-segment.ts';
import { entriesOf, type Segment } from './segment.ts';

/** The thread of `mergeInThread`: its data are the segments, its one message is their union. */
const segments: readonly Segment[] = workerData;
parentPort?.postMessage(buildSegment(segments.flatMap((segment) => [...entriesOf(segment)])));
