import { useMessages } from '../i18n/language.tsx';
import type { Level } from './levels.ts';
import './bars.css';

const full: Record<Level, number> = { good: 3, fair: 2, poor: 1 };

/** How good a connection is: by the number of bars, by colour, and in words for those who see neither. */
export function Bars({ level }: { level: Level }) {
  const { quality } = useMessages();
  return (
    <svg
      className={`bars bars-${level}`}
      viewBox="0 0 16 14"
      role="img"
      aria-label={quality.connection(level)}
    >
      <title>{quality.connection(level)}</title>
      {[1, 2, 3].map((bar) => (
        <rect
          key={bar}
          className={bar <= full[level] ? 'bar bar-full' : 'bar'}
          x={(bar - 1) * 5.5 + 0.5}
          y={14 - bar * 4.4}
          width="4"
          height={bar * 4.4 - 0.4}
          rx="1"
        />
      ))}
    </svg>
  );
}
