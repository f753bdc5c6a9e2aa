import type { Model } from '../../language/model.ts';
import type { CompileSettings, Place } from '../settings.ts';

export const edgePort = (model: Model, { portOffset = 0 }: CompileSettings): number =>
  model.edge.port + portOffset;

/** What nginx listens on: this machine's loopback address only, in a cloud every address. */
export function edgeAddress(model: Model, place: Place): string {
  const port = edgePort(model, place);
  return place.local ? `127.0.0.1:${port}` : String(port);
}

/**
 * URL at which people reach the edge: on this machine with its port, elsewhere by the domain, where TLS ends in front of the
 * edge. Null where there is no domain.
 */
export function publicUrl(model: Model, settings: CompileSettings): string | null {
  if (model.local) return `http://${model.domain ?? '127.0.0.1'}:${edgePort(model, settings)}`;
  return model.domain === null ? null : `https://${model.domain}`;
}
