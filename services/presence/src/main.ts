import { presence } from './service.ts';

await presence.start();
