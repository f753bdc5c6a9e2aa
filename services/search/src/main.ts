import { search } from './service.ts';

await search.start();
