/** Every port of the stack on this machine. All of them on 127.0.0.1. */
export interface Ports {
  edge: number;
  nomad: number;
  nomadRpc: number;
  nomadSerf: number;
  /** The HTTP API of Nomad's client, which is a process of its own. */
  nomadClient: number;
  consul: number;
  consulDns: number;
  consulRpc: number;
  consulSerf: number;
  consulSerfWan: number;
  consulGrpc: number;
  rabbitmq: number;
  rabbitmqManagement: number;
  /** Between RabbitMQ and its own tools. */
  rabbitmqDistribution: number;
  /** Nomad gives tasks ports of this range. */
  dynamicFrom: number;
  dynamicTo: number;
}

const standard: Ports = {
  edge: 8080,
  nomad: 4646,
  nomadRpc: 4647,
  nomadSerf: 4648,
  nomadClient: 4656,
  consul: 8500,
  consulDns: 8600,
  consulRpc: 8300,
  consulSerf: 8301,
  consulSerfWan: 8302,
  consulGrpc: 8502,
  rabbitmq: 5672,
  rabbitmqManagement: 15672,
  rabbitmqDistribution: 25672,
  dynamicFrom: 20000,
  dynamicTo: 20999,
};

/** Keeps every port within 65535. */
export const largestOffset = 39_000;

/** All ports of a stack, each shifted by the same offset, so that several stacks fit on one machine. */
export function portsAt(offset: number): Ports {
  const shift = (port: number) => port + offset;
  return {
    edge: shift(standard.edge),
    nomad: shift(standard.nomad),
    nomadRpc: shift(standard.nomadRpc),
    nomadSerf: shift(standard.nomadSerf),
    nomadClient: shift(standard.nomadClient),
    consul: shift(standard.consul),
    consulDns: shift(standard.consulDns),
    consulRpc: shift(standard.consulRpc),
    consulSerf: shift(standard.consulSerf),
    consulSerfWan: shift(standard.consulSerfWan),
    consulGrpc: shift(standard.consulGrpc),
    rabbitmq: shift(standard.rabbitmq),
    rabbitmqManagement: shift(standard.rabbitmqManagement),
    rabbitmqDistribution: shift(standard.rabbitmqDistribution),
    dynamicFrom: shift(standard.dynamicFrom),
    dynamicTo: shift(standard.dynamicTo),
  };
}

/**
 * Ports of the dynamic range that tasks must not get: where another stack, shifted by some thousands against this one,
 * has its fixed ports. 15672 shifted by 5000 is 20672.
 */
export function reservedPorts({ dynamicFrom, dynamicTo, ...fixed }: Ports): number[] {
  const twins = Object.values(fixed).map(
    (port) => dynamicFrom + ((((port - dynamicFrom) % 1_000) + 1_000) % 1_000),
  );
  return [...new Set(twins)].filter((port) => port <= dynamicTo).sort((a, b) => a - b);
}
