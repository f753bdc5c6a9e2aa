import { defineError } from './define.ts';

/** TDM-380 … 389: the queues and their dead letters. */

export const queueUnknown = defineError(
  'TDM-380',
  'A command names a queue that neither the file nor RabbitMQ has.',
  (name: string, known: readonly string[], similar: string) => ({
    title: `there is no queue "${name}"${similar}`,
    help: [
      known.length === 0 ? 'no service of the file consumes events' : `the queues are ${known.join(', ')}`,
    ],
  }),
);

export const queueNotDeclared = defineError(
  'TDM-381',
  'A queue of the file, or the one for its dead letters, is not in RabbitMQ.',
  (queue: string, missing: string) => ({
    title: `RabbitMQ has no queue "${missing}"`,
    help: [
      queue === missing
        ? 'what has no queue to go back to stays where it is; `./tandem deploy` declares the queues of the file'
        : '`./tandem deploy` declares the queues of the file',
    ],
  }),
);

export const deadLetterUnknown = defineError(
  'TDM-382',
  'There is no dead letter with the id that a command names.',
  (queue: string, id: string) => ({
    title: `no dead letter of ${queue} has the id "${id}"`,
    help: [
      `\`./tandem queues inspect ${queue}\` lists them: it may have been replayed or discarded in the meantime, or somebody looks at it at this moment`,
    ],
  }),
);

export const deadLettersNotChosen = defineError(
  'TDM-383',
  '`queues replay` or `discard` was given neither the id of a dead letter nor `--all`, or both.',
  (action: string, queue: string) => ({
    title: `which dead letters of ${queue}? Give the id of one, or --all`,
    help: [`\`./tandem queues inspect ${queue}\` lists them`, `./tandem queues ${action} ${queue} ID`],
  }),
);

export const deadLettersCutOff = defineError(
  'TDM-384',
  'The connection to RabbitMQ was lost, or it took no more messages, while dead letters were replayed or discarded.',
  (what: string, reason: string) => ({
    title: `${what}, then RabbitMQ stopped: ${reason}`,
    help: [
      'nothing is lost: the others are still among the dead letters; repeat the command for them',
      'the last one may be in both queues: its consumer handles it once',
    ],
  }),
);

export const rabbitmqTakesNothing = defineError(
  'TDM-385',
  'RabbitMQ is short of memory or disk and holds all publishers back, so that nothing can be replayed.',
  (resource: string, node: string) => ({
    title: `RabbitMQ takes no messages: ${node} is short of ${resource}`,
    help: ['nothing was changed; make room, or let its queues empty, and repeat the command'],
  }),
);
