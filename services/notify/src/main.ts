import { notify } from './service.ts';

await notify.start();
