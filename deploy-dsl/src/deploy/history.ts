import type { Target } from '../cluster/target.ts';
import type { Compiled } from '../compile/compiled.ts';
import type { Past } from '../plan/plan.ts';
import { formatAgo } from '../terminal/duration.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type Holder, lockHolder } from './lock.ts';
import type { ReleaseRecord } from './release.ts';
import { Releases } from './releases.ts';

/** What was deployed so far, and who deploys now. */
export interface History {
  /** Newest first. A release whose deploy died is `interrupted` in here. */
  releases: ReleaseRecord[];
  /** The one that runs: the newest that ended well. */
  current: ReleaseRecord | null;
  /** Who deploys now. */
  holder: Holder | null;
}

export async function readHistory(target: Target): Promise<History> {
  const [releases, holder] = await Promise.all([new Releases(target).list(), lockHolder(target)]);
  return historyOf(releases, holder);
}

/** The same without the releases before the one that runs. */
export async function readRecentHistory(target: Target): Promise<History> {
  const [releases, holder] = await Promise.all([new Releases(target).recent(), lockHolder(target)]);
  return historyOf(releases, holder);
}

/** @param holder null: nobody deploys, so that a release that says `running` was cut off */
export function historyOf(records: readonly ReleaseRecord[], holder: Holder | null): History {
  const releases = records.map((record, index): ReleaseRecord => {
    const isCutOff = record.status === 'running' && (holder === null || index > 0);
    return isCutOff ? { ...record, status: 'interrupted' } : record;
  });
  return { releases, current: releases.find(({ status }) => status === 'done') ?? null, holder };
}

/** What a plan wants to know of it. */
export function pastOf({ releases, current }: History, store: Releases): Past {
  let last: Promise<Compiled | null> | null = null;
  return {
    // A release that cannot be read any more only costs the distinction between the file and the hand.
    last: () => {
      last ??=
        current === null
          ? Promise.resolve(null)
          : store.set(current).then(
              ({ compiled }) => compiled,
              () => null,
            );
      return last;
    },
    interrupted: releases[0]?.status === 'interrupted',
    registered: current?.registered ?? {},
  };
}

/** What an operator must know before the next deploy; empty when all is in order. */
export function historyNotes(history: History, terminal: Terminal, now: number): string[] {
  const [newest] = history.releases;
  const { holder, current } = history;
  if (holder !== null) {
    const since = formatAgo(now - Date.parse(holder.since));
    return [terminal.style('yellow', `${holder.who} is at it now: ${holder.doing}, begun ${since}`)];
  }
  if (newest?.status !== 'interrupted') return [];
  const when = formatAgo(now - Date.parse(newest.startedAt));
  const undo = current === null ? '' : `, \`./tandem rollback ${current.number}\` takes it back`;
  return [
    terminal.style('yellow', `release ${newest.number} (${newest.who}, ${when}) was interrupted`),
    `  \`./tandem deploy\` does the rest${undo}`,
  ];
}
