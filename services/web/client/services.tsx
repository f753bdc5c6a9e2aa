import { createContext, type ReactNode, use, useEffect, useSyncExternalStore } from 'react';
import { People } from './api/people.ts';
import { Presence, type PresenceState } from './api/presence.ts';
import { Rooms } from './api/rooms.ts';
import { type Person, Session } from './api/session.ts';
import { Telemetry } from './telemetry/telemetry.ts';

/** What the pages ask; one of each for the whole page. */
export interface Services {
  session: Session;
  rooms: Rooms;
  people: People;
  presence: Presence;
  telemetry: Telemetry;
}

export function createServices(): Services {
  const session = new Session();
  return {
    session,
    rooms: new Rooms(session),
    people: new People(session),
    presence: new Presence(session),
    telemetry: new Telemetry(),
  };
}

const ServicesContext = createContext<Services | null>(null);

export function ServicesProvider({ services, children }: { services: Services; children: ReactNode }) {
  return <ServicesContext value={services}>{children}</ServicesContext>;
}

export function useServices(): Services {
  const services = use(ServicesContext);
  if (services === null) throw new Error('no ServicesProvider above');
  return services;
}

/** Who is signed in; null for nobody. */
export function usePerson(): Person | null {
  const { session } = useServices();
  return useSyncExternalStore(session.subscribe, () => session.person);
}

/** Tells the others how one is there while the component that calls it is shown. */
export function usePresence(state: PresenceState): void {
  const { presence } = useServices();
  useEffect(() => {
    presence.say(state);
    return () => presence.say('here');
  }, [presence, state]);
}
