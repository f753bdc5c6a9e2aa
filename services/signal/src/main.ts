import { signal } from './service.ts';

await signal.start();
