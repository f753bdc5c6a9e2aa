import type { Participant, RoomEvent } from '@tandem/signal/protocol';
import { Messages } from '../api/messages.ts';
import type { Problem } from '../api/problem.ts';
import type { Grant } from '../api/rooms.ts';
import { Captions } from '../captions/captions.ts';
import type { Spoken } from '../captions/speech.ts';
import type { Devices } from '../devices/devices.ts';
import type { Reading } from '../quality/monitor.ts';
import { Chat } from './chat.ts';
import { Grants } from './grants.ts';
import type { Shown } from './incoming.ts';
import type { Received } from './received.ts';
import { type Line, SignalClient } from './signal-client.ts';
import { Stays } from './stays.ts';

/** The call as it is now. Never changed in place. */
export interface CallState {
  line: Line;
  /** Own id among the participants; empty before there is one. */
  me: string;
  permissions: readonly string[];
  participants: readonly Participant[];
  received: readonly Received[];
  /** The own hand, as it is wanted: told as soon as there is a line. */
  hand: boolean;
  /** Who spoke last, as a participant. */
  speaker: string | null;
  /** The screen that is shared from here. */
  screen: MediaStreamTrack | null;
  reactions: readonly { key: number; participant: string; emoji: string }[];
  /** How often the call has gone over to another media server. */
  moves: number;
  /** Who asked for silence, until that was read. */
  mutedBy: string | null;
  over: { reason: 'left' | 'removed' | 'replaced' | 'refused'; problem: Problem | null } | null;
}

export interface CallOptions {
  url: string;
  devices: Devices;
  /** Id of the person here. */
  user: string;
  first: Grant;
  /** Another grant, where the first has expired. @throws Problem */
  renew(): Promise<Grant>;
}

/** A reaction is shown for so long, in ms. */
const REACTION_MS = 4_000;

/** A call: the line to the others, what is sent to them and what they send. */
export class Call {
  readonly chat: Chat;
  readonly captions = new Captions();
  #state: CallState;
  readonly #options: CallOptions;
  readonly #signal: SignalClient;
  readonly #listeners = new Set<() => void>();
  readonly #unfollow: () => void;
  readonly #grants: Grants;
  readonly #stays: Stays;
  #screenAudio: MediaStreamTrack | null = null;
  #reactions = 0;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#grants = new Grants(options.first, options.renew);
    this.chat = new Chat(new Messages(() => this.#grants.fresh()), options.user);
    this.#state = {
      line: 'connecting',
      me: '',
      permissions: options.first.permissions,
      participants: [],
      received: [],
      hand: false,
      speaker: null,
      screen: null,
      reactions: [],
      moves: 0,
      mutedBy: null,
      over: null,
    };
    this.#signal = new SignalClient({
      url: options.url,
      grant: () => this.#grants.fresh(),
      listener: {
        welcome: ({ session, permissions, participants }) => {
          this.#set({ me: session, permissions, participants });
          this.#sendHand();
          this.#stays.begin();
        },
        resumed: ({ participants, placement }) => {
          if (participants !== null) this.#set({ participants });
          this.#sendHand();
          this.#stays.resume(placement);
        },
        event: (frame) => {
          if (frame.from === 'room') this.#roomEvent(frame.event);
          else this.#stays.event(frame.peer, frame.event);
        },
        line: (line) => this.#set({ line }),
        ended: (reason, problem) => {
          this.#close();
          this.#set({ over: { reason, problem } });
        },
      },
    });
    this.#stays = new Stays({
      signal: this.#signal,
      grant: () => this.#grants.fresh(),
      sent: () => {
        const { camera, microphone } = options.devices.state;
        return [
          { source: 'camera', track: camera.track, paused: false },
          // A track that is kept while the microphone is off is there to be heard at once.
          { source: 'microphone', track: microphone.track, paused: !microphone.wanted },
          { source: 'screen', track: this.#state.screen, paused: false },
          { source: 'screen-audio', track: this.#screenAudio, paused: false },
        ];
      },
      received: (received) => this.#set({ received }),
      speaker: (speaker) => this.#set({ speaker }),
    });
    const unsubscribe = options.devices.subscribe(() => this.#stays.send());
    // A page that is closed or loaded again leaves no picture of itself behind.
    const hidden = () => this.#signal.sayLeaving();
    addEventListener('pagehide', hidden);
    this.#unfollow = () => {
      unsubscribe();
      removeEventListener('pagehide', hidden);
    };
    void this.#signal.run();
  }

  get state(): CallState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** How the connections to the media server are; null while there is none. */
  statistics(): Promise<Reading | null> {
    return this.#stays.statistics();
  }

  leave(): void {
    this.#signal.leave();
  }

  raiseHand(raised: boolean): void {
    this.#set({ hand: raised });
    this.#sendHand();
  }

  /** @param shown the layer of each picture that is on the screen, by `<participant>/<source>` */
  show(shown: Shown): void {
    this.#stays.show(shown);
  }

  async react(emoji: string): Promise<void> {
    await this.#signal.call('self.react', { emoji });
  }

  /** Others read it, too, as far as there is a line: words that come late are of no use. */
  caption(spoken: Spoken): void {
    if (this.#state.line === 'open') this.#signal.call('self.caption', spoken).catch(() => undefined);
  }

  async mute(participant: string): Promise<void> {
    await this.#signal.call('moderate.mute', { participant, source: 'microphone' });
  }

  async remove(participant: string): Promise<void> {
    await this.#signal.call('moderate.remove', { participant });
  }

  /** Tells somebody that rooms has given them other rights. */
  async tellRights(participant: string): Promise<void> {
    await this.#signal.call('moderate.rights', { participant });
  }

  /** Asks which screen or window, and shares it until that is ended here or in the browser's own bar. */
  async shareScreen(): Promise<void> {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 }, audio: true });
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    if (video === undefined) return;
    // Text before movement.
    video.contentHint = 'detail';
    video.addEventListener('ended', () => this.stopScreen(), { once: true });
    this.stopScreen();
    this.#screenAudio = audio ?? null;
    this.#set({ screen: video });
    this.#stays.send();
  }

  stopScreen(): void {
    this.#state.screen?.stop();
    this.#screenAudio?.stop();
    this.#screenAudio = null;
    this.#set({ screen: null });
    this.#stays.send();
  }

  dismissMuted(): void {
    this.#set({ mutedBy: null });
  }

  async #renewGrant(): Promise<void> {
    try {
      const { grant } = await this.#grants.renew();
      const { permissions } = await this.#signal.call('self.grant', { grant });
      this.#set({ permissions });
    } catch (error) {
      console.warn('the new rights could not be had', error);
    }
  }

  #sendHand(): void {
    const { hand, line, participants, me } = this.#state;
    const known = participants.find(({ id }) => id === me)?.hand;
    // Otherwise it is told when the line is back.
    if (line !== 'open' || known === undefined || known === hand) return;
    this.#signal.call('self.hand', { raised: hand }).catch(() => undefined);
  }

  #roomEvent(event: RoomEvent): void {
    const { participants, me } = this.#state;
    switch (event.type) {
      case 'joined':
      case 'changed': {
        const { participant } = event;
        // Everybody stays in their place.
        this.#set({
          participants: participants.some(({ id }) => id === participant.id)
            ? participants.map((each) => (each.id === participant.id ? participant : each))
            : [...participants, participant],
        });
        // The hand may have gone up and down while this was under way.
        if (participant.id === me) this.#sendHand();
        break;
      }
      case 'left':
        this.#set({ participants: participants.filter(({ id }) => id !== event.participant) });
        break;
      case 'moved':
        this.#stays.moved(event.placement);
        this.#set({ moves: this.#state.moves + 1 });
        break;
      case 'reaction': {
        const key = ++this.#reactions;
        const { participant, emoji } = event;
        this.#set({ reactions: [...this.#state.reactions, { key, participant, emoji }] });
        setTimeout(
          () => this.#set({ reactions: this.#state.reactions.filter((each) => each.key !== key) }),
          REACTION_MS,
        );
        break;
      }
      case 'caption': {
        const name = participants.find(({ id }) => id === event.participant)?.name;
        if (name !== undefined) this.captions.said({ ...event, name });
        break;
      }
      case 'rights':
        if (event.participant === me) void this.#renewGrant();
        break;
      case 'muted':
        if (event.participant !== me) break;
        this.#set({ mutedBy: participants.find(({ id }) => id === event.by)?.name ?? '' });
        if (event.source === 'screen') this.stopScreen();
        else void this.#options.devices.turn(event.source, false);
        break;
    }
  }

  #close(): void {
    this.#unfollow();
    this.chat.close();
    this.captions.close();
    this.#stays.close();
    this.#state.screen?.stop();
    this.#screenAudio?.stop();
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
