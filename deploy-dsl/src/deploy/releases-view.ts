import { renderDiagnostics } from '../language/render.ts';
import { formatAgo, formatDuration } from '../terminal/duration.ts';
import { table } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { History } from './history.ts';
import type { ReleaseRecord, ReleaseSet } from './release.ts';

/** Below this many columns it is not said who deployed which commit: `--show N` does. */
const narrow = 70;

/** The releases as a table, the one that runs marked. */
export function releaseTable({ releases, current }: History, terminal: Terminal, now: number): string[] {
  if (releases.length === 0) return ['Nothing was deployed yet.'];
  const styles = {
    done: 'green',
    running: 'cyan',
    failed: 'red',
    reverted: 'red',
    interrupted: 'yellow',
  } as const;
  const slim = terminal.tty && terminal.width < narrow;
  const rows = releases.map((release) => [
    `${release.number === current?.number ? (terminal.unicode ? '▸' : '>') : ' '} ${release.number}`,
    release.number === current?.number ? 'runs' : release.status,
    formatAgo(now - Date.parse(release.startedAt)),
    ...(slim ? [] : [release.who, release.commit ?? '']),
    whatOf(release),
  ]);
  return table(
    terminal,
    [
      { title: '  release' },
      { title: 'state', style: (_, row) => styles[releases[row]?.status ?? 'done'] },
      { title: 'when' },
      ...(slim ? [] : [{ title: 'who' }, { title: 'commit' }]),
      { title: 'what changed', shrink: true },
    ],
    rows,
  ).split('\n');
}

/** All that is known about one release, its failure with the evidence included. */
export function releaseDetails(
  release: ReleaseRecord,
  set: Pick<ReleaseSet, 'file' | 'source'> | null,
  terminal: Terminal,
): string[] {
  const { startedAt, finishedAt, commit, diagnostics } = release;
  const took =
    finishedAt === null ? '' : `, took ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  // The lines as they were then, not as the file is now.
  const sources = new Map(set === null ? [] : [[set.file, set.source]]);
  const rendered =
    diagnostics.length === 0 ? [] : ['', ...renderDiagnostics(diagnostics, sources, terminal).split('\n')];
  return [
    `${terminal.style('bold', `release ${release.number}`)} ${release.status}`,
    `  ${startedAt.replace('T', ' ').slice(0, 19)} UTC by ${release.who}${took}${commit === null ? '' : `, commit ${commit}`}`,
    ...(release.rollbackTo === null ? [] : [`  went back to release ${release.rollbackTo}`]),
    ...release.summary.map((line) => `  ${line}`),
    ...rendered,
  ];
}

function whatOf({ rollbackTo, summary }: ReleaseRecord): string {
  const back = rollbackTo === null ? [] : [`back to ${rollbackTo}`];
  return [...back, ...summary].join('; ');
}
