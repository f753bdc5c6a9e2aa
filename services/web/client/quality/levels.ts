import type { Arrival, Way } from './figures.ts';

export type Level = 'good' | 'fair' | 'poor';

const order: readonly Level[] = ['good', 'fair', 'poor'];

export const isLevel = (value: unknown): value is Level => order.some((level) => level === value);

/** From which on something is noticed, and from which on it disturbs. */
const limits = {
  // Opus hides single lost packets; every tenth is heard.
  loss: [0.03, 0.1],
  concealed: [0.03, 0.1],
  frozen: [0.05, 0.2],
  /** ITU-T G.114: to 150 ms each way nobody minds, from 400 ms people interrupt each other. */
  roundTripMs: [300, 600],
  jitterMs: [40, 100],
} as const;

/** @returns null where nothing is known */
export function levelOf(name: keyof typeof limits, value: number | null): Level | null {
  if (value === null) return null;
  const [fair, poor] = limits[name];
  return value >= poor ? 'poor' : value >= fair ? 'fair' : 'good';
}

/** The worst of what is known; null where nothing is. */
export function worst(levels: readonly (Level | null)[]): Level | null {
  const known = levels.filter((level) => level !== null);
  return order.findLast((level) => known.includes(level)) ?? null;
}

/** The better of two; null where one is not known. */
export function better(one: Level | null, other: Level | null): Level | null {
  return one === null || other === null
    ? null
    : (order[Math.min(order.indexOf(one), order.indexOf(other))] ?? null);
}

/** How well something of somebody is received here. */
export function levelOfArrival({ loss, concealed, frozen }: Arrival): Level | null {
  return worst([levelOf('loss', loss), levelOf('concealed', concealed), levelOf('frozen', frozen)]);
}

/** How well the way to the media server carries, both ways. */
export function levelOfWay(way: Way): Level | null {
  return worst([
    levelOf('loss', way.sendLoss),
    levelOf('loss', way.receiveLoss),
    levelOf('roundTripMs', way.roundTripMs),
    levelOf('jitterMs', way.jitterMs),
  ]);
}
