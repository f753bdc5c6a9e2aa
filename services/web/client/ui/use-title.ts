import { useEffect } from 'react';

const own = 'Tandem';

/** Names the page in the browser's tabs and history while the component is there. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title === null) return;
    const before = document.title;
    document.title = `${title} · ${own}`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
