import { createRemoteKeySet, defineService, JwksSchema, jwksPath, noKeys } from '@tandem/common';
import { addConsumerRoutes } from './consumer-routes.ts';
import { addEventRoute } from './event-route.ts';
import { createEventStreams } from './event-streams.ts';
import { createGrantReader } from './grant.ts';
import { addInternalRoutes } from './internal-routes.ts';
import { addPeerRoutes } from './peer-routes.ts';
import { noWorker } from './problems.ts';
import { addProducerRoutes } from './producer-routes.ts';
import { Rooms } from './rooms.ts';
import { settings } from './settings.ts';
import { addSubscriberRoutes } from './subscriber-routes.ts';
import { addTransportRoutes } from './transport-routes.ts';
import { createWorkerPool } from './worker-pool.ts';

export const media = defineService({
  name: 'media',
  description: 'Carries the pictures and voices of calls.',
  calls: ['rooms'],
  config: settings,
  // Nobody comes here with an access token: the grant says who it is.
  tokenKeys: noKeys,
  routes(app, { beforeStop, config, client, log, readyWhen }) {
    const roomsService = client('rooms');
    const grantKeys = createRemoteKeySet('rooms', () =>
      roomsService.get(jwksPath('rooms'), { response: JwksSchema, timeoutMs: 1_500 }),
    );
    const pool = createWorkerPool({
      count: config.workers,
      ports: Array.from(
        { length: config.portRtcTo - config.portRtcFrom + 1 },
        (_, i) => config.portRtcFrom + i,
      ),
      listenIp: config.rtcListenIp ?? config.host,
      announcedAddress: config.publicAddress,
      workerBin: config.mediasoupWorkerBin,
      log,
    });
    const portRange = { min: config.portPipeFrom, max: config.portPipeTo };
    const rooms = new Rooms(pool, {
      ...config,
      pipes: { protocol: 'udp', ip: config.host, portRange },
      log,
    });
    app.addHook('onClose', async () => {
      rooms.close();
      pool.close();
    });
    readyWhen('grant-keys', () => grantKeys.refresh());
    readyWhen('workers', async () => {
      if (pool.workers.length === 0) throw noWorker();
    });

    // Nothing comes here any more. A call that has nowhere to go stays until the time is over.
    beforeStop(async (signal) => {
      rooms.drain(true);
      await rooms.empty(signal);
    });

    addInternalRoutes(app, rooms, pool, config.cloud);
    const streamEvents = createEventStreams(app);
    addSubscriberRoutes(app, rooms, streamEvents);
    addEventRoute(app, rooms, streamEvents);
    addTransportRoutes(app, rooms);
    addProducerRoutes(app, rooms);
    addConsumerRoutes(app, rooms);
    addPeerRoutes(app, rooms, createGrantReader(grantKeys));
  },
});
