import type { Model } from '../../language/model.ts';
import type { Place } from '../settings.ts';

export const edgePort = (model: Model, place: Place): number => model.edge.port + place.portOffset;

/** What nginx listens on: this machine's loopback address only, in a cloud every address. */
export function edgeAddress(model: Model, place: Place): string {
  const port = edgePort(model, place);
  return place.local ? `127.0.0.1:${port}` : String(port);
}
