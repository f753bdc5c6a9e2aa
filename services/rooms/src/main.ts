import { rooms } from './service.ts';

await rooms.start();
