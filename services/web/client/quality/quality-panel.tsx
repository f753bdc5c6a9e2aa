import {
  Cable,
  CircleCheck,
  CircleDashed,
  Laptop,
  type LucideIcon,
  Server,
  TriangleAlert,
  UserRound,
} from 'lucide-react';
import type { CallState } from '../call/call.ts';
import { useLanguage, useMessages } from '../i18n/language.tsx';
import { SidePanel } from '../screens/call/panels/side-panel.tsx';
import { Bars } from './bars.tsx';
import { type Finding, type Side, sides } from './diagnosis.ts';
import type { Figures } from './figures.ts';
import { useKnownQuality, useLevelOf } from './quality.tsx';
import './quality-panel.css';

const icons: Record<Side, LucideIcon> = { device: Laptop, network: Cable, server: Server, others: UserRound };

/** Why the call is bad: whose side it is, what one can do, and the figures behind it. */
export function QualityPanel({ state, onClose }: { state: CallState; onClose(): void }) {
  const { quality: texts } = useMessages();
  const quality = useKnownQuality();
  const [first] = quality.findings;
  const known = quality.figures !== null || first !== undefined;
  const Icon = !known ? CircleDashed : first === undefined ? CircleCheck : TriangleAlert;
  return (
    <SidePanel title={texts.title} onClose={onClose}>
      <div className="quality-panel">
        <p
          className={`quality-verdict quality-verdict-${known ? (first?.level ?? 'good') : 'unknown'}`}
          role="status"
        >
          <Icon aria-hidden="true" />
          {!known ? texts.measuring : first === undefined ? texts.allWell : texts.verdict[first.side]}
        </p>
        {sides.map((side) => (
          <SideOf
            key={side}
            side={side}
            known={known}
            findings={quality.findings.filter((each) => each.side === side)}
          />
        ))}
        <h3>{texts.people}</h3>
        <ul className="quality-people">
          {state.participants.map(({ id, name }) => (
            <PersonQuality key={id} participant={id} name={name} />
          ))}
        </ul>
        {quality.figures !== null && <FiguresOf figures={quality.figures} />}
      </div>
    </SidePanel>
  );
}

function PersonQuality({ participant, name }: { participant: string; name: string }) {
  const { quality: texts } = useMessages();
  const level = useLevelOf(participant);
  return (
    <li>
      <span className="quality-name">{name}</span>
      <span>{level === null ? texts.unknown : texts.levels[level]}</span>
      {level !== null && <Bars level={level} />}
    </li>
  );
}

function SideOf({ side, known, findings }: { side: Side; known: boolean; findings: readonly Finding[] }) {
  const { quality: texts } = useMessages();
  const Icon = icons[side];
  return (
    <section className="quality-side" aria-label={texts.sides[side]}>
      <h3>
        <Icon size={18} aria-hidden="true" />
        {texts.sides[side]}
        <span className="quality-state">
          {findings.length > 0 ? texts.trouble : known ? texts.nothingWrong : texts.unknown}
        </span>
      </h3>
      {findings.map(({ cause, names }) => {
        const { what, advice } = texts.causes[cause];
        return (
          <div key={cause} className="quality-finding">
            <p>{typeof what === 'string' ? what : what(names.join(', '))}</p>
            <p className="quality-advice">{advice}</p>
          </div>
        );
      })}
    </section>
  );
}

/** For whoever is asked for them. */
function FiguresOf({ figures: { way, sending } }: { figures: Figures }) {
  const { quality: texts } = useMessages();
  const { language } = useLanguage();
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const share = (value: number | null) => (value === null ? null : percent.format(value));
  const ms = (value: number | null) => (value === null ? null : `${number.format(value)} ms`);
  const rows: [string, string | null][] = [
    [texts.figures.roundTrip, ms(way.roundTripMs)],
    [texts.figures.sendLoss, share(way.sendLoss)],
    [texts.figures.receiveLoss, share(way.receiveLoss)],
    [texts.figures.jitter, ms(way.jitterMs)],
    [
      texts.figures.sendLimit,
      way.sendLimitBps === null ? null : `${number.format(way.sendLimitBps / 1_000)} kbit/s`,
    ],
    [texts.figures.way, way.kind === null ? null : texts.ways[way.kind]],
    [texts.figures.frames, sending === null ? null : number.format(sending.framesPerSecond)],
  ];
  return (
    <details className="quality-figures">
      <summary>{texts.figures.title}</summary>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
