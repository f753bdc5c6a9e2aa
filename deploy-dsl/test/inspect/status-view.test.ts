import { expect, test } from 'vitest';
import type { InstanceState } from '../../src/inspect/state.ts';
import type { Status } from '../../src/inspect/status.ts';
import { instanceTable, statusTable } from '../../src/inspect/status-view.ts';
import { plainTerminal } from '../support/plain-terminal.ts';

const MiB = 1024 * 1024;

test('memory of containers stands against the limit at which they are killed', () => {
  const shown = statusOf([instance({}), instance({ id: 'b', memoryUsed: 44 * MiB })]);
  expect(shown).toContain(' memory ');
  expect(shown).toContain('84 MB / 256 MB');
});

test('resident memory of plain processes is called so, without a limit that nobody enforces', () => {
  const plain = instance({ memoryKind: 'resident', memoryUsed: 95 * MiB });
  for (const shown of [statusOf([plain]), instanceTable(plainTerminal(), [plain], 0)]) {
    expect(shown).toContain('resident  ');
    expect(shown).toContain('95 MB');
    expect(shown).not.toContain('128 MB');
  }
});

test('an instance that was not measured yet has a dash, and does not change what the column is called', () => {
  const fresh = instance({ id: 'b', memoryUsed: null, memoryKind: 'own' });
  const plain = instance({ memoryKind: 'resident', memoryUsed: 95 * MiB });
  expect(statusOf([fresh])).toContain('– / 128 MB');
  expect(statusOf([plain, fresh])).toContain('resident  ');
});

function statusOf(instances: InstanceState[]): string {
  const cloud = {
    id: 'auth',
    cloud: 'local',
    state: 'healthy' as const,
    version: '1.0.0',
    wanted: instances.length,
    ready: instances.length,
    instances,
  };
  const status: Status = {
    environment: 'local',
    rows: [{ job: 'auth', kind: 'service', service: 'auth', clouds: [cloud] }],
    healthy: true,
  };
  return statusTable(plainTerminal(), status, 0);
}

function instance(changes: Partial<InstanceState>): InstanceState {
  return {
    id: 'a',
    job: 'auth',
    cloud: 'local',
    node: 'local',
    address: null,
    state: 'ready',
    canary: false,
    jobVersion: 0,
    memoryUsed: 40 * MiB,
    memoryKind: 'own',
    memoryLimit: 128 * MiB,
    cpuPercent: 1,
    restarts: 0,
    since: 0,
    ...changes,
  };
}
