import { join } from 'node:path';
import { defineService } from '@tandem/common';
import { addPages } from './pages.ts';

export const web = defineService({
  name: 'web',
  description: 'The web client: the pages that people open to meet.',
  routes: (app) => addPages(app, join(import.meta.dirname, '../dist')),
});
