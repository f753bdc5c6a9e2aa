import type { BaseConfig } from '../config/base-config.ts';
import { ConfigError } from '../config/config.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { BrokerAddress } from './connection.ts';

/** @throws ConfigError where it is not said */
export function brokerAddressOf(config: BaseConfig, discovery: Discovery): BrokerAddress {
  const { rabbitmqUrl: url, rabbitmqService: service } = config;
  if (url !== undefined) return { url };
  if (service !== undefined) return { service, discovery };
  throw new ConfigError(['RABBITMQ_URL or RABBITMQ_SERVICE is required: the service publishes or consumes']);
}
