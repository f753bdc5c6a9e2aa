import { turn } from './service.ts';

await turn.start();
