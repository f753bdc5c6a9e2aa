import { join } from 'node:path';
import { defineService, noKeys } from '@tandem/common';
import { addPages, checkPages } from './pages.ts';
import { addTelemetryRoute } from './telemetry/telemetry-route.ts';

export const web = defineService({
  name: 'web',
  description: 'The web client: the pages that people open to meet.',
  // Pages are for everybody, and are there while auth is not.
  tokenKeys: noKeys,
  async routes(app, { log, metrics, readyWhen }) {
    const built = join(import.meta.dirname, '../dist');
    addTelemetryRoute(app, log, metrics);
    readyWhen('pages', () => checkPages(built));
    await addPages(app, built);
  },
});
