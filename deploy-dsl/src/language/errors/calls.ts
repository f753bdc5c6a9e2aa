import { defineError } from './define.ts';

/** TDM-460 … 469: media servers and the calls that they carry. */

export const carriesNoCalls = defineError(
  'TDM-460',
  '`drain` was asked for a service whose instances carry no calls.',
  (service: string) => ({
    title: `"${service}" is no media server: it has no calls that could move`,
    help: [`\`./tandem restart ${service}\` replaces its instances, and loses no request`],
  }),
);

export const callServerUnknown = defineError(
  'TDM-461',
  '`drain` names neither a service nor the instance of a media server, or the id fits several.',
  (name: string, matching: string[], known: string[]) => ({
    title:
      matching.length > 1
        ? `several media servers have an id that begins with "${name}"`
        : `there is no service, and no media server, whose name or id begins with "${name}"`,
    help: [
      known.length === 0
        ? 'no media server runs: `./tandem status` shows what does'
        : `there is ${(matching.length > 1 ? matching : known).join(', ')}`,
    ],
  }),
);

export const nowhereToGo = defineError(
  'TDM-462',
  '`drain` was asked for the only media server that takes calls.',
  (service: string, instance: string) => ({
    title: `the calls of ${instance} have nowhere to go: no other instance of "${service}" takes calls`,
    help: [
      `one more: \`./tandem scale ${service} COUNT\``,
      'or take one back that is being drained: `./tandem drain INSTANCE --cancel`',
    ],
  }),
);

export const drainUnfinished = defineError(
  'TDM-463',
  'Calls were still on a media server at the deadline of `drain`.',
  (instance: string, left: { room: string; people: number }[], deadlineMs: number) => ({
    title: `${instance} still has ${left.length} ${left.length === 1 ? 'call' : 'calls'} after ${Math.round(deadlineMs / 1000)} s`,
    evidence: left
      .slice(0, 10)
      .map(({ room, people }) => `${room}: ${people} ${people === 1 ? 'person' : 'people'}`),
    help: [
      'it takes no new calls, and these go on there: stopping it now would interrupt them',
      `wait longer: \`./tandem drain ${instance} --deadline 10m\`, or take it back: \`./tandem drain ${instance} --cancel\``,
    ],
  }),
);

export const serverAway = defineError(
  'TDM-464',
  'A media server did not answer `drain`.',
  (instance: string) => ({
    title: `${instance} does not answer`,
    help: [
      'calls of a media server that is lost go elsewhere by themselves; `./tandem status` shows whether it runs',
    ],
  }),
);
