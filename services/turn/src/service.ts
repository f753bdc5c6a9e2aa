import { defineService, noKeys } from '@tandem/common';
import { Coturn } from './coturn.ts';
import { addIceRoute } from './ice-route.ts';
import { noServer } from './problems.ts';
import { settings } from './settings.ts';
import { checkStun } from './stun.ts';

const CHECK_MS = 800;

export const turn = defineService({
  name: 'turn',
  description: 'Carries the media of those whose network lets nothing through to a media server.',
  config: settings,
  tokenKeys: noKeys,
  routes(app, { config, log, readyWhen }) {
    const coturn = new Coturn(config, log);
    app.addHook('onClose', () => coturn.stop());
    readyWhen('turnserver', async () => {
      if (coturn.port === null) throw noServer();
      await checkStun(config.host, coturn.port, CHECK_MS);
    });
    addIceRoute(app, config, coturn);
  },
});
