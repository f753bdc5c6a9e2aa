import type { InstanceRequest } from '@tandem/common';
import type { Call } from './frames.ts';

/** Of one peer of a media server. */
export type MediaCall = Exclude<
  Extract<Call, { method: `media.${string}` }>,
  { method: 'media.join' | 'media.leave' }
>;

/** Each method in the terms of the media server's OpenAPI. */
export function requestOf(call: MediaCall): InstanceRequest {
  const { peer, ...body } = call.params;
  const at = (path: string) => `${peerPath(peer)}${path}`;
  const name = encodeURIComponent;
  switch (call.method) {
    case 'media.transport':
      return { method: 'POST', path: at('/transports'), body };
    case 'media.connect': {
      const { transport, dtlsParameters } = call.params;
      return { method: 'POST', path: at(`/transports/${name(transport)}/connect`), body: { dtlsParameters } };
    }
    case 'media.restart-ice':
      return { method: 'POST', path: at(`/transports/${name(call.params.transport)}/restart-ice`) };
    case 'media.close-transport':
      return { method: 'DELETE', path: at(`/transports/${name(call.params.transport)}`) };
    case 'media.produce':
      return { method: 'POST', path: at('/producers'), body };
    case 'media.pause': {
      const { producer, paused } = call.params;
      return { method: 'PATCH', path: at(`/producers/${name(producer)}`), body: { paused } };
    }
    case 'media.stop':
      return { method: 'DELETE', path: at(`/producers/${name(call.params.producer)}`) };
    case 'media.consume':
      return { method: 'POST', path: at('/consumers'), body };
    case 'media.show': {
      const { peer: _, consumer, ...changes } = call.params;
      return { method: 'PATCH', path: at(`/consumers/${name(consumer)}`), body: changes };
    }
    case 'media.hide':
      return { method: 'DELETE', path: at(`/consumers/${name(call.params.consumer)}`) };
  }
}

export const peerPath = (peer: string) => `/api/media/peers/${encodeURIComponent(peer)}`;
