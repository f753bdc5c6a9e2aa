import type { Participant } from '@tandem/signal/protocol';
import type { CallState } from '../../call/call.ts';
import { type DevicesState, isOn } from '../../devices/devices.ts';

/** Something to be shown of a call: somebody, or somebody's screen. */
export interface Picture {
  /** `<participant>/<source>`. */
  key: string;
  participant: Participant;
  isScreen: boolean;
  isMe: boolean;
  /** Null while there is no picture. */
  video: MediaStreamTrack | null;
  isMuted: boolean;
  isSpeaking: boolean;
  reaction: string | null;
}

/** Everybody, oneself first, and the screens that are shared. */
export function picturesOf(state: CallState, own: DevicesState): { people: Picture[]; screens: Picture[] } {
  const of = (participant: string, source: string) =>
    state.received.find((each) => each.participant === participant && each.source === source);
  const people = state.participants.map((participant): Picture => {
    const isMe = participant.id === state.me;
    const camera = of(participant.id, 'camera');
    const microphone = of(participant.id, 'microphone');
    const reaction = state.reactions.findLast((each) => each.participant === participant.id);
    return {
      key: `${participant.id}/camera`,
      participant: isMe ? { ...participant, hand: state.hand } : participant,
      isScreen: false,
      isMe,
      video: isMe ? own.camera.track : camera === undefined || camera.paused ? null : camera.track,
      isMuted: isMe ? !isOn(own.microphone) : microphone === undefined || microphone.paused,
      isSpeaking: state.speaker === participant.id,
      reaction: reaction?.emoji ?? null,
    };
  });
  const screens = state.participants.flatMap((participant): Picture[] => {
    const isMe = participant.id === state.me;
    const video = isMe ? state.screen : (of(participant.id, 'screen')?.track ?? null);
    const key = `${participant.id}/screen`;
    const rest = { isScreen: true, isMuted: false, isSpeaking: false, reaction: null };
    return video === null ? [] : [{ key, participant, isMe, video, ...rest }];
  });
  return { people: people.sort((one, other) => Number(other.isMe) - Number(one.isMe)), screens };
}

/**
 * What is shown large: what somebody has pinned, else the screens, else who speaks where that is wanted.
 * @returns nothing where all pictures are equal
 */
export function mainOf(
  { people, screens }: { people: readonly Picture[]; screens: readonly Picture[] },
  pinned: string | null,
  view: View,
): Picture[] {
  const chosen = [...people, ...screens].find(({ key }) => key === pinned);
  if (chosen !== undefined) return [chosen];
  if (screens.length > 0) return [...screens];
  if (view === 'grid' || people.length < 2) return [];
  const others = people.filter(({ isMe }) => !isMe);
  return others
    .filter(({ isSpeaking }) => isSpeaking)
    .concat(others)
    .slice(0, 1);
}

export type View = 'grid' | 'speaker';
