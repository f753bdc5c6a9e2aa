import { Signal, SignalLow, SignalMedium } from 'lucide-react';
import { createContext, type ReactNode, use } from 'react';
import type { Call, CallState } from '../call/call.ts';
import type { DevicesState } from '../devices/devices.ts';
import { useMessages } from '../i18n/language.tsx';
import { useCallReports } from '../telemetry/use-call-reports.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Bars } from './bars.tsx';
import type { Level } from './levels.ts';
import { type QualityState, unknownQuality } from './monitor.ts';
import { useQuality } from './use-quality.ts';

interface Known {
  quality: QualityState;
  /** Own id among the participants. */
  me: string;
}

const QualityContext = createContext<Known>({ quality: unknownQuality, me: '' });

/** Everything below knows how good the connections of the call are. */
export function QualityProvider({
  call,
  state,
  own,
  room,
  children,
}: {
  call: Call;
  state: CallState;
  own: DevicesState;
  /** Its id, for what is reported. */
  room: string;
  children: ReactNode;
}) {
  const quality = useQuality(call, state, own);
  useCallReports(room, state, quality);
  return <QualityContext value={{ quality, me: state.me }}>{children}</QualityContext>;
}

/** How good the connections of the call are. */
export const useKnownQuality = (): QualityState => use(QualityContext).quality;

/** How good the connection of a participant is; null where that is not known. */
export function useLevelOf(participant: string): Level | null {
  const { quality, me } = use(QualityContext);
  return participant === me ? quality.own : (quality.levels.get(participant) ?? null);
}

/** Bars for a participant; nothing where nothing is known. */
export function PersonBars({ participant }: { participant: string }) {
  const level = useLevelOf(participant);
  return level === null ? null : <Bars level={level} />;
}

const icons = { good: Signal, fair: SignalMedium, poor: SignalLow };

/** Opens the panel that says why a call is bad, and shows from outside that something is wrong. */
export function QualityButton({ isOpen, onPress }: { isOpen: boolean; onPress(): void }) {
  const { quality: texts } = useMessages();
  const [first] = useKnownQuality().findings;
  const Icon = icons[first?.level ?? 'good'];
  return (
    <IconButton
      label={first === undefined ? texts.open : texts.openTrouble}
      tone={first?.level === 'poor' ? 'off' : isOpen ? 'on' : 'plain'}
      icon={<Icon size={20} />}
      onPress={onPress}
    />
  );
}
