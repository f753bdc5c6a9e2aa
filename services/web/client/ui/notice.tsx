import type { ReactNode } from 'react';

/** Something to know. A fault is read out at once, the rest when there is a pause. */
export function Notice({ tone = 'info', children }: { tone?: 'info' | 'fault'; children: ReactNode }) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'fault' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
