import { type HttpClient, type Logger, type Static, Type } from '@tandem/common';

/** A call does not wait longer for what it hardly ever needs. */
const PATIENCE_MS = 1_000;

const Answer = Type.Object({
  iceServers: Type.Array(
    Type.Object({ urls: Type.Array(Type.String()), username: Type.String(), credential: Type.String() }),
  ),
});

/** TURN servers for one connection of a session, with credentials; none while there is none. */
export type IceServers = (session: string) => Promise<Static<typeof Answer>['iceServers']>;

/** Asks the service turn. */
export function createIceServers(turn: HttpClient, log: Logger): IceServers {
  return async (session) => {
    try {
      const options = { body: { user: session }, response: Answer, timeoutMs: PATIENCE_MS };
      return (await turn.post('/internal/ice-servers', options)).iceServers;
    } catch (error) {
      log.debug({ err: error }, 'there is no TURN server');
      return [];
    }
  };
}
