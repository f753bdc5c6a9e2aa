import { resolve } from 'node:path';

/** The folder of Tandem itself, which a local node says is its project. */
export const repository = resolve(import.meta.dirname, '../../..');
