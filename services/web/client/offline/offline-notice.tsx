import { useSyncExternalStore } from 'react';
import { useMessages } from '../i18n/language.tsx';
import './offline-notice.css';

/** Says that there is no network, for as long as that is so; what needs one works again by itself. */
export function OfflineNotice() {
  const { problems } = useMessages();
  const isOnline = useSyncExternalStore(follow, () => navigator.onLine);
  return (
    <div role="status" className="offline-notice">
      {isOnline ? null : problems.noNetwork}
    </div>
  );
}

function follow(changed: () => void): () => void {
  const end = new AbortController();
  addEventListener('online', changed, { signal: end.signal });
  addEventListener('offline', changed, { signal: end.signal });
  return () => end.abort();
}
