import { Consul } from '../../src/cluster/consul.ts';
import { Nomad } from '../../src/cluster/nomad.ts';
import { deployAt, reported } from './stage.ts';

/** A deploy in a process of its own, to be killed. Arguments: folder, address of Nomad, of Consul, text of the file. */
const [root = '', nomad = '', consul = '', yaml = ''] = process.argv.slice(2);
const target = {
  environment: 'local',
  clouds: [
    {
      name: 'local',
      nomad: new Nomad({ address: nomad, region: 'local', local: true }),
      consul: new Consul({ address: consul, datacenter: 'local', local: true }),
    },
  ],
  rabbitmq: null,
};
await deployAt(root, target, yaml, { progress: reported((event) => process.stdout.write(`${event}\n`)) });
