import { expect, test } from 'vitest';
import type { Diagnosis, ToolReport } from '../../src/local/diagnose.ts';
import { diagnosisView } from '../../src/local/diagnosis-view.ts';
import { captureTerminal } from '../support/terminal.ts';

const home = '/home/ann';
const there: ToolReport = {
  name: 'consul',
  wanted: '>= 1.22, < 2',
  found: {
    path: `${home}/.cache/tandem/toolchain/consul-1.22.3/bin/consul`,
    version: '1.22.3',
    from: 'cache',
  },
  standIn: null,
  rejected: [],
  how: null,
  costs: null,
  blocked: false,
};
const old = { path: '/usr/sbin/nginx', version: '1.22.1' };

function diagnosis(tools: ToolReport[], problems: string[] = []): Diagnosis {
  return {
    tools,
    problems,
    takenPorts: [],
    portOffset: 0,
    machine: { root: true, freeDisk: 70e9, memory: 24e9, freeMemory: 20e9 },
    stack: {
      agents: [
        { name: 'consul', state: 'not running' },
        { name: 'nomad-server', state: 'not running' },
      ],
    },
  };
}

function view(found: Diagnosis, size: { tty?: boolean; columns?: number } = {}): string[] {
  const { terminal } = captureTerminal({ env: { NO_COLOR: '1' }, ...size });
  return diagnosisView(terminal, found, home).split('\n');
}

test('what is there has its version and its path from home', () => {
  const lines = view(diagnosis([there]));
  expect(lines[1]).toBe(
    '✓  consul   1.22.3   >= 1.22, < 2  ~/.cache/tandem/toolchain/consul-1.22.3/bin/consul',
  );
  expect(lines).toContain('stack   not running');
  expect(lines.at(-1)).toBe('`./tandem up` can work.');
});

test('what will be had says how, and what was looked at', () => {
  const how = 'up builds 1.28.3 from its source in about 30 s';
  const nginx = { ...there, name: 'nginx' as const, found: null, rejected: [old], how };
  const lines = view(diagnosis([there, nginx]));
  expect(lines[2]).toMatch(/^· {2}nginx +>= .* up gets it$/);
  expect(lines).toContain(`nginx            ${how}; /usr/sbin/nginx is 1.22.1`);
  expect(lines.at(-1)).toBe('`./tandem up` can work. It gets one program first.');
});

test('what stands in says for what, why, and what that costs', () => {
  const nginx: ToolReport = {
    ...there,
    name: 'nginx',
    found: null,
    standIn: { ...old, from: 'system' },
    rejected: [old],
    how: '1.22.1 stands in for 1.28.3, because cargo is not on PATH',
    costs: 'every request takes a new connection',
  };
  const lines = view(diagnosis([nginx]));
  expect(lines[1]).toMatch(/^! {2}nginx +1\.22\.1 .* \/usr\/sbin\/nginx$/);
  expect(lines).toContain(`nginx            ${nginx.how}; ${nginx.costs}`);
  expect(lines.at(-1)).toBe('`./tandem up` can work.');
});

test('what is in the way is marked, and said last', () => {
  const nginx = {
    ...there,
    name: 'nginx' as const,
    found: null,
    how: 'needs root: apt-get …',
    blocked: true,
  };
  const lines = view(diagnosis([nginx], ['nginx is missing; needs root: apt-get …']));
  expect(lines[1]).toMatch(/^✗ {2}nginx .* missing$/);
  expect(lines.at(-1)).toBe('problem  nginx is missing; needs root: apt-get …');
});

test.each([120, 80, 60])('on a terminal of %i columns nothing is wider than it', (columns) => {
  const how =
    'up downloads the release 1.28.3; where that is out of reach, builds it with Go 1.26.8 in about 30 s';
  const nginx = { ...there, name: 'nginx' as const, found: null, rejected: [old], how };
  const lines = view(
    diagnosis([there, nginx], ['a problem that is told in more words than one line has room for']),
    {
      tty: true,
      columns,
    },
  );
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
  expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(how);
});
