import { expect, test } from 'vitest';
import { variableChange } from '../../src/plan/change.ts';

const flags = (heap: number) => `--max-semi-space-size=2 --max-old-space-size=${heap}`;
const path = `/a/${'folder/'.repeat(20)}`;

test.each([
  ['debug', 'info', 'env X debug → info'],
  [flags(64), flags(128), 'env X …--max-old-space-size=64 → …--max-old-space-size=128'],
  [`${path}one`, `${path}two`, `env X …${path.slice(-30)}one → …${path.slice(-30)}two`],
  [`${path}one`, 'short', `env X ${path.slice(0, 39)}… → short`],
  ['', flags(64), `env X (none) → ${flags(64).slice(0, 39)}…`],
  [
    flags(64),
    `${flags(64)} --inspect`,
    'env X …--max-old-space-size=64 → …--max-old-space-size=64 --inspect',
  ],
])('%j → %j shows where they differ', (before, after, words) => {
  expect(variableChange('X', before, after).words).toBe(words);
});

test('what may be a secret is shown on neither side', () => {
  const { words } = variableChange('X', flags(64), `${flags(64)} --token=eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.x`);
  expect(words).toBe('env X changed (value hidden)');
});
