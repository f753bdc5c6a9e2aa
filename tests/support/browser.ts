import { accessSync, constants } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const program = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** There is a Chromium to drive; Debian has it as the package `chromium`. */
export function hasChromium(): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A real Chromium without a window, with a camera that shows a clock and a microphone that beeps. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    timeout: 60_000,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
      ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      ...['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns'],
    ],
  });
}
