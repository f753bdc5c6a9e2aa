import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Call, CallState } from '../../call/call.ts';
import type { DevicesState } from '../../devices/devices.ts';
import { useMessages } from '../../i18n/language.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { capacityOf, gridOf, layerFor, pagesOf, type Size, stripOf } from './layout.ts';
import { mainOf, type Picture, picturesOf, type View } from './pictures.ts';
import { Tile } from './tile.tsx';
import './stage.css';

/** Everybody's pictures: equal ones, or a large one with the others beside it; the rest is on other pages. */
export function Stage({
  call,
  state,
  own,
  view,
}: {
  call: Call;
  state: CallState;
  own: DevicesState;
  view: View;
}) {
  const { ref, size } = useSize();
  const [pinned, setPinned] = useState<string | null>(null);
  const [page, setPage] = useState(0);
  const all = picturesOf(state, own);
  const main = mainOf(all, pinned, view);
  const rest = [...all.people, ...all.screens].filter((each) => !main.includes(each));
  const strip = main.length > 0 && rest.length > 0 ? stripOf(size) : null;
  const capacity = strip?.capacity ?? capacityOf(size);
  const pages = pagesOf(rest, capacity, ({ isSpeaking, isMe }) => isSpeaking && !isMe);
  const current = Math.min(page, pages.length - 1);
  const shown = pages[current] ?? [];
  const tile = strip?.tile ?? gridOf(shown.length, size);
  const large = main.length === 0 ? null : gridOf(main.length, mainPlace(size, strip));
  useShown(call, [
    ...shown.map((each) => ({ key: each.key, height: tile.height })),
    ...main.map((each) => ({ key: each.key, height: large?.height ?? 0 })),
  ]);
  const tileOf = (picture: Picture, at: Size) => (
    <Tile
      key={picture.key}
      picture={picture}
      size={at}
      isPinned={picture.key === pinned}
      {...(all.people.length + all.screens.length > 1
        ? { onPin: () => setPinned(picture.key === pinned ? null : picture.key) }
        : {})}
    />
  );
  return (
    <div ref={ref} className={`stage ${strip === null ? '' : `stage-${strip.side}`}`}>
      {large !== null && <div className="stage-main">{main.map((each) => tileOf(each, large))}</div>}
      {shown.length > 0 && size.width > 0 && (
        <div className={strip === null ? 'stage-grid' : 'stage-strip'}>
          {shown.map((each) => tileOf(each, tile))}
        </div>
      )}
      {pages.length > 1 && <Pages current={current} count={pages.length} onChange={setPage} />}
    </div>
  );
}

function Pages({
  current,
  count,
  onChange,
}: {
  current: number;
  count: number;
  onChange(page: number): void;
}) {
  const { call } = useMessages();
  return (
    <nav className="stage-pages" aria-label={call.pages}>
      <IconButton
        label={call.previousPage}
        icon={<ChevronLeft size={18} />}
        isDisabled={current === 0}
        onPress={() => onChange(current - 1)}
      />
      <span role="status">{call.page(current + 1, count)}</span>
      <IconButton
        label={call.nextPage}
        icon={<ChevronRight size={18} />}
        isDisabled={current === count - 1}
        onPress={() => onChange(current + 1)}
      />
    </nav>
  );
}

function mainPlace({ width, height }: Size, strip: ReturnType<typeof stripOf> | null): Size {
  if (strip === null) return { width, height };
  return strip.side === 'end'
    ? { width: width - strip.tile.width - 8, height }
    : { width, height: height - strip.tile.height - 8 };
}

/** Tells the call what is on the screen, and how large. */
function useShown(call: Call, tiles: readonly { key: string; height: number }[]): void {
  const shown = new Map(tiles.map(({ key, height }) => [key, layerFor(height * devicePixelRatio)]));
  const text = JSON.stringify([...shown].sort());
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when it is another text
  useEffect(() => call.show(shown), [call, text]);
}

function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, size };
}
