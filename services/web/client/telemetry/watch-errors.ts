import type { Telemetry } from './telemetry.ts';

/** Nothing is wrong: a layout took two steps instead of one, or somebody went on before an answer was there. */
const harmless = (error: unknown, message: string) =>
  message.startsWith('ResizeObserver loop') || (error instanceof DOMException && error.name === 'AbortError');

/** Tells of what nobody has caught, and of what is left when the page is hidden or closed. */
export function watchErrors(telemetry: Telemetry): void {
  addEventListener('error', ({ error, message, filename, lineno }) => {
    if (!harmless(error, message)) telemetry.error('error', error ?? `${message} ${filename}:${lineno}`);
  });
  addEventListener('unhandledrejection', ({ reason }) => {
    if (!harmless(reason, '')) telemetry.error('rejection', reason);
  });
  addEventListener('pagehide', () => telemetry.leave());
  // On a phone a hidden page may be closed without another word.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') telemetry.leave();
  });
}
