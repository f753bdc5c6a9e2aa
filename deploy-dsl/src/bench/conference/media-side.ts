import { pathToFileURL } from 'node:url';
import { createStaticDiscovery, type Instance, type Service } from '@tandem/common';

/**
 * The service media as Nomad runs it, in a process of its own; only Consul is not asked where rooms is.
 *
 * Arguments: the root of the project, and where rooms publishes its keys, as JSON.
 */
const [root = '', rooms = '[]'] = process.argv.slice(2);
const { media }: { media: Service } = await import(
  pathToFileURL(`${root}/services/media/src/service.ts`).href
);
const instances: Instance[] = JSON.parse(rooms);
const service = await media.build({
  env: process.env,
  discovery: createStaticDiscovery({ rooms: instances }),
});
const url = await service.listen();
process.send?.({ url });
// Whoever started it has gone.
process.once('disconnect', () => void service.stop().finally(() => process.exit(0)));
