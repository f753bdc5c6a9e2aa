import { expect, test } from 'vitest';
import { diagnose } from './soundness.ts';

/** Files of every shape are read in time that grows with their size: four times the file, about four times the work. */

const many = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i));
const inServices = (lines: string[]) => `tandem: 1\nservices:\n${lines.join('\n')}\n`;

const shapes: Record<string, (size: number) => string> = {
  'services without a fault': (size) =>
    inServices(
      many(size, (i) => `  s${i}: { routes: [/s${i}], calls: [s${i === 0 ? 0 : i - 1}], env: { A: ${i} } }`),
    ),
  'a chain of needs': (size) => inServices(many(size, (i) => `  s${i}: { needs: [s${Math.max(0, i - 1)}] }`)),
  'services that publish and consume': (size) =>
    inServices(many(size, (i) => `  s${i}: { publishes: [a.e${i}], consumes: ['*.e${(i * 7) % size}'] }`)),
  'an unknown key on every line': (size) => inServices(many(size, (i) => `  s${i}: { cpx: 1 }`)),
  'an unknown service on every line': (size) => inServices(many(size, (i) => `  s${i}: { needs: [t${i}] }`)),
  'the same key on every line': (size) => inServices(many(size, () => '  web: {}')),
  'a mistake of YAML on every line': (size) => inServices(many(size, (i) => `  s${i}: "a" b`)),
  'an unclosed bracket and what follows': (size) =>
    inServices(['  web: [', ...many(size, (i) => `    a${i}: b`)]),
  'an unclosed quote and what follows': (size) =>
    inServices(['  web: "', ...many(size, (i) => `    a${i}: b`)]),
  'an alias on every line': (size) =>
    inServices(['  web: &a { cpu: 1 }', ...many(size, (i) => `  s${i}: *a`)]),
  'a merge on every line': (size) =>
    inServices(['  web: &a { cpu: 1, memory: 2 }', ...many(size, (i) => `  s${i}: { <<: *a, cpu: 3 }`)]),
  'an anchor on every line': (size) => inServices(many(size, (i) => `  s${i}: &a${i} { cpu: 1 }`)),
  'an unknown alias on every line': (size) => inServices(many(size, (i) => `  s${i}: *a${i}`)),
  'an unknown alias and another anchor on every line': (size) =>
    inServices(many(size, (i) => `  s${i}: &a${i} { env: *b${i} }`)),
  'an unknown cloud on every line': (size) =>
    inServices(many(size, (i) => `  s${i}: { instances: { c${i}: 1 } }`)),
  'a pattern without an event on every line': (size) =>
    inServices(many(size, (i) => `  s${i}: { publishes: [a.b${i}], consumes: [a.c${i}] }`)),
  'an environment that overrides every service': (size) =>
    `${inServices(many(size, (i) => `  s${i}: {}`))}environments:\n  local:\n    services:\n${many(size, (i) => `      s${i}: { cpu: 1 }`).join('\n')}\n`,
  'a list of names': (size) => inServices([`  web: { needs: [${many(size, () => 'web').join(', ')}] }`]),
  'a long text': (size) => inServices([`  web: { class: ${'x'.repeat(size * 20)} }`]),
  'a long name of a variable': (size) => inServices([`  web: { env: { ${'x'.repeat(size * 20)}: 1 } }`]),
  comments: (size) => inServices(['  web: {}', ...many(size, () => '  # a comment')]),
};

test.each(Object.entries(shapes))(
  '%s',
  (_, shape) => {
    const small = shape(200);
    const large = shape(800);
    // The smallest of a few: whatever else the machine does comes on top.
    const works = [1, 2].map(() => ({ small: workOf(small), large: workOf(large) }));
    const least = (size: 'small' | 'large') => Math.min(...works.map((work) => work[size]));
    // Quadratic would be sixteen. Below a few milliseconds there is nothing to compare.
    expect(least('large')).toBeLessThan(10 * Math.max(least('small'), 5_000));
  },
  60_000,
);

/** Processor time of this process in microseconds. */
function workOf(text: string): number {
  const before = process.cpuUsage();
  diagnose(text);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
