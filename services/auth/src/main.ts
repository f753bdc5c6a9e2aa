import { auth } from './service.ts';

await auth.start();
