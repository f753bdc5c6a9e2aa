import { chat } from './service.ts';

await chat.start();
