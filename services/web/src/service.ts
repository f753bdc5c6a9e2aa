import { join } from 'node:path';
import { defineService } from '@tandem/common';
import { addPages } from './pages.ts';
import { addTelemetryRoute } from './telemetry/telemetry-route.ts';

export const web = defineService({
  name: 'web',
  description: 'The web client: the pages that people open to meet.',
  async routes(app, { log, metrics }) {
    addTelemetryRoute(app, log, metrics);
    await addPages(app, join(import.meta.dirname, '../dist'));
  },
});
