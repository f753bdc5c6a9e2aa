import { type App, StrictObject, Type } from '@tandem/common';
import type { Coturn } from './coturn.ts';
import { credentialsFor } from './credentials.ts';
import { noServer, turnAway } from './problems.ts';
import type { Settings } from './settings.ts';

const User = StrictObject({
  user: Type.String({
    pattern: '^[\\w-]{1,64}$',
    description: 'Whom they are for, by an id that says nothing of the person: it is in the logs',
  }),
});

const IceServers = Type.Object(
  {
    iceServers: Type.Array(
      Type.Object({ urls: Type.Array(Type.String()), username: Type.String(), credential: Type.String() }),
      { description: 'As RTCPeerConnection takes them' },
    ),
    expiresInS: Type.Integer(),
  },
  { title: 'IceServers' },
);

/** For the service signal, which knows who is in a call. The edge lets nobody in here from outside. */
export function addIceRoute(app: App, settings: Settings, coturn: Coturn): void {
  const host = settings.publicAddress ?? settings.host;
  app.post(
    '/internal/ice-servers',
    {
      config: { access: 'public', problems: [turnAway] },
      schema: {
        summary: 'Credentials for this TURN server, which end by themselves',
        body: User,
        response: { 200: IceServers },
      },
    },
    async ({ body: { user } }) => {
      const { port } = coturn;
      if (port === null) throw noServer();
      const expiresInS = settings.credentialLifetimeS;
      const credentials = credentialsFor(
        user,
        Math.floor(Date.now() / 1000) + expiresInS,
        settings.credentialKey.reveal(),
      );
      const urls = ['udp', 'tcp'].map((transport) => `turn:${host}:${port}?transport=${transport}`);
      return { iceServers: [{ urls, ...credentials }], expiresInS };
    },
  );
}
