import type { ReactNode } from 'react';
import './badged.css';

/** A number on the corner of something, for those who can see it: what is below says it in its name. */
export function Badged({ count, children }: { count: number; children: ReactNode }) {
  return (
    <span className="badged">
      {children}
      {count > 0 && (
        <span className="badge" aria-hidden="true">
          {count > 99 ? '99+' : count}
        </span>
      )}
    </span>
  );
}
