import { describe, expect, test } from 'vitest';
import { loadSource } from '../../src/language/load.ts';
import type { Service } from '../../src/language/model.ts';
import { codes, diagnose } from './soundness.ts';

const file = (settings: string) => `tandem: 1\nservices:\n  web:\n    ${settings}\n`;

function web(settings: string): Service {
  const { model } = loadSource(file(settings), { file: 'services.yml', environment: 'local' });
  const service = model.services.web;
  if (service === undefined) throw new Error('the file has a service "web"');
  return service;
}

describe('a number means its value, however it is written', () => {
  test.each(['1000', '1e3', '1E3', '1e+3', '0x3e8', '0o1750', '+1000', '1000.0', '01000', '1000.'])(
    '%s is a thousand',
    (number) => {
      expect(web(`cpu: ${number}`).cpuMHz).toBe(1_000);
      expect(web(`memory: ${number}`).memory).toEqual({ softMiB: 1_000, hardMiB: 1_000 });
      expect(web(`instances: ${number}`).instances).toEqual({ local: { min: 1_000, max: 1_000 } });
      expect(web(`ports: { rtc: ${number} }`).ports).toEqual([
        { name: 'rtc', from: 1_000, to: 1_000, protocol: 'tcp', shared: false },
      ]);
    },
  );

  test('minus zero is zero', () => {
    expect(Object.is(web('instances: -0').instances.local?.min, 0)).toBe(true);
  });
});

describe('what is no number of the language is refused, with the way to write it', () => {
  test.each([
    { settings: 'cpu: 1_000', code: 'TDM-122' },
    { settings: "cpu: '100'", code: 'TDM-122' },
    { settings: 'cpu: .5', code: 'TDM-123' },
    { settings: 'cpu: 1.5', code: 'TDM-123' },
    { settings: 'cpu: -1', code: 'TDM-125' },
    { settings: 'cpu: 0', code: 'TDM-125' },
    { settings: 'cpu: .nan', code: 'TDM-122' },
    { settings: 'cpu: .inf', code: 'TDM-122' },
    { settings: 'cpu: 1e999', code: 'TDM-122' },
    { settings: 'cpu: 99999999999999999999', code: 'TDM-125' },
    { settings: `cpu: ${'9'.repeat(400)}`, code: 'TDM-122' },
    { settings: 'cpu: 1:30', code: 'TDM-122' },
    { settings: 'cpu: 0b11', code: 'TDM-122' },
    { settings: 'cpu: 2026-11-21', code: 'TDM-122' },
    { settings: 'cpu:', code: 'TDM-122' },
    { settings: 'cpu: ~', code: 'TDM-122' },
    { settings: 'cpu: [100]', code: 'TDM-122' },
    { settings: 'instances: 10_0', code: 'TDM-123' },
    { settings: 'instances: 2...8', code: 'TDM-123' },
    { settings: 'instances: 8..2', code: 'TDM-209' },
    { settings: 'memory: 0', code: 'TDM-125' },
    { settings: 'memory: 0MB', code: 'TDM-123' },
    { settings: 'ports: { rtc: 65536 }', code: 'TDM-125' },
    { settings: "ports: { rtc: '65536' }", code: 'TDM-236' },
    { settings: 'version: 1.10', code: 'TDM-122' },
    { settings: 'version: 1e3', code: 'TDM-122' },
    { settings: 'routes: [8080]', code: 'TDM-122' },
  ])('$settings: $code', ({ settings, code }) => {
    expect(codes(file(settings))).toContain(code);
  });

  test('a number that was meant as a text is offered with its quotes, digit for digit', () => {
    const [found] = diagnose(file('version: 1.10'));
    expect(found?.help.join()).toContain("'1.10'");
  });
});

describe('words that other readers take for true and false are texts', () => {
  test.each(['no', 'No', 'NO', 'on', 'off', 'yes', 'y', 'n'])('%s', (word) => {
    expect(web(`env: { A: ${word} }`).env).toEqual({ A: word });
    expect(web(`version: ${word}`).version).toBe(word);
    const names = `tandem: 1\nservices:\n  ${word.toLowerCase()}:\n    env: { ${word}: 1 }\n`;
    const { model } = loadSource(names, { file: 'services.yml', environment: 'local' });
    expect(model.services[word.toLowerCase()]?.env).toEqual({ [word]: '1' });
  });

  test.each(['yes', 'no', 'on', 'off'])(
    '%s where true or false is wanted: the message knows what was meant',
    (word) => {
      const [found] = diagnose(file(`update: { revert: ${word} }`));
      expect(found).toMatchObject({
        code: 'TDM-122',
        help: [`write ${['yes', 'on'].includes(word) ? 'true' : 'false'}`],
      });
    },
  );

  test.each(['true', 'True', 'TRUE'])('%s is true', (word) => {
    expect(web(`redis: ${word}`).redis).not.toBe(null);
  });
});

describe('an environment variable is the text that was written', () => {
  test.each([
    '1.10',
    '1e3',
    '0x10',
    '.5',
    '-0',
    '007',
    '1_000',
    'true',
    'False',
    '99999999999999999999',
    '2026-11-21',
  ])('%s', (text) => {
    for (const written of [text, `'${text}'`, `"${text}"`]) {
      expect(web(`env: { A: ${written} }`).env).toEqual({ A: text });
    }
  });

  test('nothing is no text', () => {
    expect(codes(file('env: { A: }'))).toEqual(['TDM-122']);
    expect(web("env: { A: '' }").env).toEqual({ A: '' });
  });
});

describe('shorthands mean the same as what they stand for', () => {
  test.each([
    ['routes: [/a]', 'routes: [{ path: /a, websocket: false, body: 1MB, timeout: 30s }]'],
    ['routes: [{ path: /a, websocket: true }]', 'routes: [{ path: /a, websocket: true, timeout: 1h }]'],
    ['redis: true', 'redis: { persistent: false, memory: 64, pool: 2 }'],
    ['redis: {}', 'redis: true'],
    ['redis: false', 'needs: []'],
    ['memory: 2048', 'memory: { soft: 2GB, hard: 2048MB }'],
    ['memory: { hard: 1GB }', 'memory: { soft: 128, hard: 1024 }'],
    ['instances: 2', 'instances: { local: 2..2 }'],
    ['instances: 2..', 'instances: { local: 2..100 }'],
    ['health: /ready', 'health: { path: /ready, live: false, interval: 1s, timeout: 1000ms }'],
    ['secrets: [a, b]', 'secrets: { a: , b: {} }'],
    ['ports: { a: 9000 }', 'ports: { a: 9000..9000/tcp }'],
    ['ports: { a: 9000..9001 shared }', 'ports: { a: 9000..9001/tcp shared }'],
    ['command: node  a.ts --x', 'command: [node, a.ts, --x]'],
    ['update: { bake: 1.5m }', 'update: { bake: 90s, canary: false }'],
    ['update: ', 'update: {}'],
    ['directory: services/web/', 'directory: services/web'],
    [
      'consumes: [a.b, { queue: x, events: [c] }, d]',
      'consumes: [{ events: [a.b, d], prefetch: 10, retries: [1s, 10s, 1m, 600s] }, { queue: x, events: [c] }]',
    ],
    ['needs: [web2, web2]', 'needs: [web2]'],
  ])('%s: %s', (short, long) => {
    const more = short.startsWith('needs: [web2') ? '\n  web2: {}' : '';
    expect(web(short + more)).toEqual(web(long + more));
  });
});

describe('names that objects of the program have are names like any other', () => {
  test.each(['constructor', 'prototype', 'tostring', 'valueof', 'hasownproperty'])(
    'a service called %s',
    (name) => {
      const text = `tandem: 1\nservices:\n  ${name}: { env: { toString: a, constructor: b }, calls: [${name}] }\n`;
      const { model } = loadSource(text, { file: 'services.yml', environment: 'local' });
      expect(Object.keys(model.services)).toEqual([name]);
      expect(model.services[name]?.env).toEqual({ toString: 'a', constructor: 'b' });
    },
  );

  test('and where they are not allowed, they are unknown', () => {
    expect(codes(file('constructor: 1'))).toEqual(['TDM-120']);
    expect(codes('tandem: 1\nservices: {}\nhasOwnProperty: 1\n')).toEqual(['TDM-120']);
    expect(codes(file('needs: [constructor]'))).toEqual(['TDM-201']);
  });

  test('__proto__ is refused wherever it stands, and touches nothing', () => {
    for (const text of [
      'tandem: 1\n__proto__: { tandem: 1 }\nservices: {}\n',
      'tandem: 1\nservices:\n  __proto__: { cpu: 5 }\n',
      file('__proto__: { cpu: 5 }'),
      file('env: { __proto__: polluted }'),
      file('secrets: { __proto__: { generate: random-32 } }'),
      file('ports: { __proto__: 9000 }'),
      'tandem: 1\nservices: {}\nenvironments: { __proto__: { driver: docker } }\n',
      'tandem: 1\nservices: { a: &a { __proto__: { cpu: 5 } }, b: { <<: *a } }\n',
    ]) {
      expect(codes(text), text).not.toEqual([]);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
