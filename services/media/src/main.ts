import { media } from './service.ts';

await media.start();
