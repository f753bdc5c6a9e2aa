import type { Participant, RoomEvent } from '@tandem/signal/protocol';
import { Messages } from '../api/messages.ts';
import type { Problem } from '../api/problem.ts';
import type { Grant } from '../api/rooms.ts';
import type { Devices } from '../devices/devices.ts';
import { Chat } from './chat.ts';
import { Grants } from './grants.ts';
import { MediaSession, type Received, type Shown, type Source } from './media-session.ts';
import { type Line, SignalClient } from './signal-client.ts';

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

/** After a media server was lost it is entered again at once, then after these, in ms. */
const PAUSES_MS = [0, 200, 500, 1_000, 2_000, 4_000];

/** A call: the line to the others, what is sent to them and what they send. */
export class Call {
  readonly chat: Chat;
  #state: CallState;
  readonly #options: CallOptions;
  readonly #signal: SignalClient;
  readonly #listeners = new Set<() => void>();
  readonly #unfollow: () => void;
  readonly #grants: Grants;
  #media: MediaSession | null = null;
  #screenAudio: MediaStreamTrack | null = null;
  #entering = 0;
  /** What the media server said before all that belongs to it was there; null while nobody enters. */
  #early: { type: string; [field: string]: unknown }[] | null = null;
  #reactions = 0;
  /** What is on the screen, by `<participant>/<source>`; null before anybody has said. */
  #shown: Shown | null = null;

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
          void this.#enterMedia();
        },
        resumed: ({ participants }) => {
          if (participants !== null) this.#set({ participants });
          this.#sendHand();
          if (this.#media === null) void this.#enterMedia();
        },
        event: (frame) => {
          if (frame.from === 'room') this.#roomEvent(frame.event);
          else this.#mediaEvent(frame.event);
        },
        line: (line) => this.#set({ line }),
        ended: (reason, problem) => {
          this.#close();
          this.#set({ over: { reason, problem } });
        },
      },
    });
    const unsubscribe = options.devices.subscribe(() => this.#sendDevices());
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

  leave(): void {
    this.#signal.leave();
  }

  raiseHand(raised: boolean): void {
    this.#set({ hand: raised });
    this.#sendHand();
  }

  /** @param shown the layer of each picture that is on the screen, by `<participant>/<source>` */
  show(shown: Shown): void {
    this.#shown = shown;
    this.#sendShown();
  }

  async react(emoji: string): Promise<void> {
    await this.#signal.call('self.react', { emoji });
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
    this.#sendScreen();
  }

  stopScreen(): void {
    this.#state.screen?.stop();
    this.#screenAudio?.stop();
    this.#screenAudio = null;
    this.#set({ screen: null });
    this.#sendScreen();
  }

  dismissMuted(): void {
    this.#set({ mutedBy: null });
  }

  /** Enters the media server, again and again until it worked or another attempt has begun. */
  async #enterMedia(): Promise<void> {
    const attempt = ++this.#entering;
    const former = this.#media;
    this.#media = null;
    for (let tries = 0; attempt === this.#entering && this.#state.over === null; tries++) {
      const wait = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random())));
      if (attempt !== this.#entering || this.#state.over !== null) break;
      // Whoever resumes comes back here.
      if (this.#state.line !== 'open') break;
      try {
        this.#signal.forgetMedia();
        this.#early = [];
        const media = await MediaSession.enter(this.#signal, await this.#grants.fresh(), {
          received: (received) => {
            if (this.#media === media) this.#set({ received });
          },
        });
        if (attempt !== this.#entering) {
          media.close();
          break;
        }
        this.#media = media;
        const early = this.#early;
        this.#early = null;
        for (const event of early) this.#mediaEvent(event);
        this.#sendShown();
        this.#sendDevices();
        this.#sendScreen();
        break;
      } catch (error) {
        console.warn('the media server could not be entered', error);
      }
    }
    if (attempt === this.#entering) this.#early = null;
    // The former pictures stay until there are new ones.
    former?.close();
  }

  #sendDevices(): void {
    const { camera, microphone } = this.#options.devices.state;
    this.#send('camera', camera.track);
    // A track that is kept while the microphone is off is there to be heard at once.
    this.#send('microphone', microphone.track, !microphone.wanted);
  }

  #sendScreen(): void {
    this.#send('screen', this.#state.screen);
    this.#send('screen-audio', this.#screenAudio);
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

  /** Peers change when a call moves, participants stay. */
  #sendShown(): void {
    if (this.#shown === null) return;
    const shown = new Map<string, number>();
    for (const { id, peer } of this.#state.participants)
      for (const source of ['camera', 'screen']) {
        const layer = this.#shown.get(`${id}/${source}`);
        if (layer !== undefined) shown.set(`${peer}/${source}`, layer);
      }
    this.#media?.show(shown);
  }

  #send(source: Source, track: MediaStreamTrack | null, paused = false): void {
    this.#media
      ?.set(source, track, paused)
      .catch((error: unknown) => console.warn(`${source} could not be sent`, error));
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
        this.#sendShown();
        // The hand may have gone up and down while this was under way.
        if (participant.id === me) this.#sendHand();
        break;
      }
      case 'left':
        this.#set({ participants: participants.filter(({ id }) => id !== event.participant) });
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

  #mediaEvent(event: { type: string; [field: string]: unknown }): void {
    if (this.#early !== null) {
      this.#early.push(event);
      return;
    }
    const media = this.#media;
    switch (event.type) {
      case 'producer.added':
        media?.added(event.producer as Received);
        break;
      case 'producer.changed':
        media?.changed(String(event.producer), event.paused === true);
        break;
      case 'producer.removed':
        media?.removed(String(event.producer));
        break;
      case 'speaker': {
        const speaker = this.#state.participants.find(({ peer }) => peer === event.peer);
        this.#set({ speaker: speaker?.id ?? null });
        break;
      }
      case 'reset':
      case 'resync':
      case 'gone':
        void this.#enterMedia();
        break;
    }
  }

  #close(): void {
    this.#entering++;
    this.#unfollow();
    this.chat.close();
    this.#media?.close();
    this.#media = null;
    this.#state.screen?.stop();
    this.#screenAudio?.stop();
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
