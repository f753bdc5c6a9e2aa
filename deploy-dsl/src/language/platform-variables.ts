/** Environment variables that a service is given; it cannot set them itself. A list for the reference page. */
export const platformVariables: Record<string, string> = {
  HOST: 'address to listen on',
  PORT: 'port to listen on',
  SERVICE_NAME: 'name of the service',
  SERVICE_VERSION: 'its version, or a digest of the folder it runs from',
  ENVIRONMENT: 'name of the environment',
  CLOUD: 'name of the cloud',
  PUBLIC_URL: 'URL at which people reach the edge, without a slash at the end',
  PUBLIC_ADDRESS:
    'address of the machine from outside, where the service has fixed ports; not on this machine',
  SHUTDOWN_TIMEOUT_MS: '`update.drain` in milliseconds',
  CONSUL_HTTP_ADDR: 'URL of Consul',
  REDIS_URL: 'URL of the cache beside the instance',
  REDIS_SERVICE: 'name of the persistent Redis in Consul',
  RABBITMQ_SERVICE: 'name of RabbitMQ in Consul',
  RABBITMQ_USER: 'its user',
  RABBITMQ_PASSWORD_FILE: 'file with its password',
  QUEUES: 'the queues of the service, as JSON',
};

/** Variables that a service is given unless its `env` says otherwise: how Node and the C library spend memory. */
export const processDefaults: Record<string, string> = {
  NODE_OPTIONS: 'size of the heap, from `memory`',
  NODE_COMPILE_CACHE: 'folder of compiled code that instances share, where they are plain processes',
  MALLOC_ARENA_MAX: "how many pools glibc's allocator makes",
  MALLOC_TRIM_THRESHOLD_: 'how much free memory it keeps',
};

/** Families of them: by a port, a volume, or whatever Nomad adds. */
export const platformPrefixes: Record<string, string> = {
  PORT_: 'a fixed port: `PORT_RTC`, or `PORT_RTC_FROM` and `PORT_RTC_TO`',
  VOLUME_: 'folder of a volume: `VOLUME_RECORDINGS`',
  NOMAD_: 'what Nomad says of the allocation',
};

export function isPlatformVariable(name: string): boolean {
  return (
    Object.hasOwn(platformVariables, name) ||
    Object.keys(platformPrefixes).some((prefix) => name.startsWith(prefix))
  );
}
