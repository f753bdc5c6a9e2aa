import { readFileSync } from 'node:fs';

/** The version of this copy of Tandem, from the package of the CLI. */
export function tandemVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(`${import.meta.dirname}/../../package.json`, 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
