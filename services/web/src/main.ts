import { web } from './service.ts';

await web.start();
