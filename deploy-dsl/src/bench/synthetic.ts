/**
 * The text of a services.yml with this many services over two clouds, as varied as a company's: every service has
 * a route, calls its neighbour and publishes or consumes events, every fourth one has a Redis of its own, every fifth
 * one rolls by canary. The same number gives the same text.
 */
export function syntheticFile(services: number): string {
  const names = Array.from({ length: services }, (_, i) => `service-${String(i).padStart(4, '0')}`);
  const blocks = names.map((name, i) => service(name, i, names));
  return `tandem: 1
clouds:
  aws: { region: eu-west-1 }
  gcp: { region: europe-west1 }
defaults: { cpu: 50, memory: 64, version: 1.0.0, update: { healthy: 5s } }
services:
${blocks.join('')}environments:
  production:
    clouds: [aws, gcp]
    domain: example.com
    registry: registry.example.com
    rabbitmq: { connections: 100000 }
`;
}

function service(name: string, i: number, names: readonly string[]): string {
  const hasState = i % 4 === 0;
  const lines = [
    `  ${name}:`,
    // What keeps state runs in one cloud, as the language advises.
    `    instances: ${hasState ? '{ aws: 2 }' : '{ aws: 2..4, gcp: 2 }'}`,
    `    routes: [{ path: /api/${name}, limit: 50/s per address, body: 64KB }]`,
    ...(i > 0 ? [`    calls: [${names[i - 1]}]`] : []),
    ...(i % 10 === 9 ? [`    needs: [${names[i - 9]}]`] : []),
    i % 2 === 0 ? `    publishes: [${name}.changed]` : `    consumes: [${names[i - 1]}.changed]`,
    ...(hasState ? ['    redis: { persistent: true, memory: 64 }'] : []),
    ...(i % 5 === 0 ? ['    update: { canary: 10%, bake: 1m }'] : []),
    '    env:',
    '      LOG_LEVEL: info',
  ];
  return `${lines.join('\n')}\n`;
}
