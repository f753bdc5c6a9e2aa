import { users } from './service.ts';

await users.start();
