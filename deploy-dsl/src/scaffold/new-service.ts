/** What a new service is made with. */
export interface NewService {
  name: string;
  /** It keeps what it is given in a persistent Redis of its own; always true for one with events. */
  redis: boolean;
  /** Event that it publishes. */
  publishes: string | null;
  /** Event of another service that it handles. */
  consumes: ConsumedEvent | null;
}

export interface ConsumedEvent {
  name: string;
  /** The newest that its owner publishes. */
  version: number;
  /** The service that publishes it. */
  owner: string;
}

/** Files by their path in the service's folder. */
export type ServiceFiles = Map<string, string>;
