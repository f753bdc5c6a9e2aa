import { type Logger, UnavailableError } from '@tandem/common';
import type { MediaServers } from './media-servers.ts';
import type { Placement, Placements, Places } from './placements.ts';

/** Where somebody tries to enter. */
export interface Entrance {
  placement: Placement;
  /** The other servers that the room is on. */
  others: readonly Placement[];
  /** People of the room who may be there then. */
  atMost: number | undefined;
  /** Of the places of the room at that moment. */
  version: number;
}

/**
 * Which media servers a room is on: its home, and branches beside it where it has more people than one should carry. See
 * docs/decisions/0045-rooms-over-several-servers.md.
 */
export class RoomPlaces {
  readonly #servers: MediaServers;
  readonly #placements: Placements;
  readonly #peoplePerServer: number;
  readonly #log: Logger;

  constructor(servers: MediaServers, placements: Placements, peoplePerServer: number, log: Logger) {
    this.#servers = servers;
    this.#placements = placements;
    this.#peoplePerServer = peoplePerServer;
    this.#log = log;
  }

  find(room: string): Promise<Places | null> {
    return this.#placements.find(room);
  }

  /** The room is in use. */
  renew(room: string): Promise<void> {
    return this.#placements.renew(room);
  }

  /**
   * Where somebody may enter a room, the likeliest first: the latest server has room most often. Where all are full, whoever
   * asks goes on to the next, a further server or, where there is none, the home all the same.
   *
   * @throws UnavailableError
   */
  async *entrances(room: string): AsyncGenerator<Entrance> {
    const tried = new Set<string>();
    const atMost = this.#peoplePerServer;
    let places = await this.#placed(room);
    for (let isGrowing = true; isGrowing; ) {
      for (const placement of serversOf(places).toReversed()) {
        if (tried.has(placement.instance)) continue;
        tried.add(placement.instance);
        yield entrance(places, placement, atMost);
      }
      const choice = await this.#servers.choose(...serversOf(places).map(({ instance }) => instance));
      if (choice !== null) {
        await this.#placements.branch(room, places, choice);
        this.#log.info({ room, to: choice.id }, 'a call is on one media server more');
      }
      places = await this.#placed(room);
      isGrowing = serversOf(places).some(({ instance }) => !tried.has(instance));
    }
    yield entrance(places, places.home, undefined);
  }

  /**
   * Takes a room from a server that is lost, drains or leads nowhere: the home goes elsewhere, from a branch its people go to
   * the other servers. The room is told. Nothing happens where somebody else has done so.
   *
   * @param known the places as they were seen then
   * @returns false where there is nowhere to go
   */
  async leave(room: string, { instance }: Placement, known: Places, isLost: boolean): Promise<boolean> {
    if (isLost) await this.#servers.noteLost(instance);
    if (known.home.instance !== instance) {
      await this.#placements.prune(room, instance);
      return true;
    }
    const branches = known.branches.map((each) => each.instance);
    const choice =
      (await this.#servers.choose(instance, ...branches)) ??
      (await this.#servers.choose(instance)) ??
      (isLost ? await this.#servers.choose() : null);
    if (choice === null) return false;
    await this.#placements.place(room, choice, known.home.number);
    this.#log.info({ room, from: instance, to: choice.id }, 'a call moves to another media server');
    return true;
  }

  async #placed(room: string): Promise<Places> {
    const known = await this.#placements.find(room);
    if (known !== null) return known;
    const choice = await this.#servers.choose();
    if (choice === null) throw nowhere();
    await this.#placements.place(room, choice, null);
    const placed = await this.#placements.find(room);
    if (placed === null) throw new Error('a room that was placed has no placement');
    this.#log.info({ room, to: placed.home.instance }, 'a call is placed');
    return placed;
  }
}

const nowhere = () => new UnavailableError('media', 'no instance of it takes calls');

const serversOf = ({ home, branches }: Places): Placement[] => [home, ...branches];

/**
 * The server that somebody entered, where the room is still there: a process that was started again at its address has a
 * later number.
 */
export const stillAt = (places: Places, entered: Pick<Placement, 'instance' | 'number'>) =>
  serversOf(places).find(({ instance, number }) => instance === entered.instance && number <= entered.number);

function entrance(places: Places, placement: Placement, atMost: number | undefined): Entrance {
  const others = serversOf(places).filter((each) => each !== placement);
  return { placement, others, atMost, version: places.version };
}
