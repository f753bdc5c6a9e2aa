import { parentPort, workerData } from 'node:worker_threads';
import { mergeSegments } from './merge-segments.ts';
import type { Segment } from './segment.ts';

/** The thread of `mergeInThread`: its data are the segments, its one message is their union. */
const segments: readonly Segment[] = workerData;
parentPort?.postMessage(mergeSegments(segments));
