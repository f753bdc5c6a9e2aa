import { expect, test } from 'vitest';
import { TandemError } from '../../src/language/diagnostic.ts';
import { portOffsetOf, requireLinux } from '../../src/local/platform.ts';
import { largestOffset, portsAt, reservedPorts } from '../../src/local/ports.ts';

/** Ten stacks; at ten thousand RabbitMQ's 5672 would meet another's 15672, which `up` then says. */
const offsets = Array.from({ length: 10 }, (_, thousands) => thousands * 1_000);
const fixed = (offset: number) => {
  const { dynamicFrom: _from, dynamicTo: _to, ...ports } = portsAt(offset);
  return Object.values(ports);
};

test('no two of ten stacks share a fixed port', () => {
  const all = offsets.flatMap(fixed);
  expect(new Set(all).size).toBe(all.length);
});

test("no task can get another stack's fixed port", () => {
  for (const offset of offsets) {
    const { dynamicFrom, dynamicTo } = portsAt(offset);
    const reserved = new Set(reservedPorts(portsAt(offset)));
    const inTheWay = offsets.flatMap(fixed).filter((port) => port >= dynamicFrom && port <= dynamicTo);
    expect(inTheWay.filter((port) => !reserved.has(port))).toEqual([]);
    expect(reserved.size).toBeLessThan(20);
  }
});

test('every port of the largest offset exists', () => {
  expect(Math.max(...Object.values(portsAt(largestOffset)))).toBeLessThanOrEqual(65_535);
});

test('the offset comes from the option, else the environment, else the running stack', () => {
  const stack = { portOffset: 3_000 };
  const at = (option: string | undefined, env: NodeJS.ProcessEnv) => portOffsetOf(option, env, stack);
  expect(at('1000', { TANDEM_PORT_OFFSET: '2000' })).toBe(1_000);
  expect(at(undefined, { TANDEM_PORT_OFFSET: '2000' })).toBe(2_000);
  expect(at(undefined, { TANDEM_PORT_OFFSET: '' })).toBe(3_000);
  expect(portOffsetOf(undefined, {}, null)).toBe(0);
});

test.each(['-1', '1.5', 'many', '', '40000', '1e3'])('"%s" is no offset', (text) => {
  expect(() => portOffsetOf(text, {}, null)).toThrow(TandemError);
  expect(() => portOffsetOf(text, {}, null)).toThrow('TDM-432');
});

test('elsewhere than on Linux there is a clear message', () => {
  expect(() => requireLinux('darwin')).toThrow(
    'TDM-400 the stack of one machine needs Linux; this is darwin',
  );
  expect(() => requireLinux('linux')).not.toThrow();
});
