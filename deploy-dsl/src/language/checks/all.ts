import { checkCapacity } from './capacity.ts';
import type { Check } from './check.ts';
import { checkContracts } from './contracts.ts';
import { checkEvents } from './events.ts';
import { checkPorts } from './ports.ts';
import { checkRoutes } from './routes.ts';
import { checkServices } from './services.ts';
import { checkSettings } from './settings.ts';
import { checkState } from './state.ts';

/** Every check over a whole environment. Each runs in about the size of the file. */
export const checks: readonly Check[] = [
  checkServices,
  checkRoutes,
  checkEvents,
  checkContracts,
  checkPorts,
  checkCapacity,
  checkState,
  checkSettings,
];
