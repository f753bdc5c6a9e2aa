import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Captions, type Words } from '../captions/captions.ts';
import { type Recognition, Speech, type Spoken } from '../captions/speech.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const words = (line: number, text: string, more: Partial<Words> = {}): Words => ({
  ...{ participant: 'p-1', name: 'Ada', line, text, final: false },
  ...more,
});

test('a line grows until it is final, and goes some time after its last word', () => {
  const captions = new Captions();
  const texts = () => captions.lines.map(({ text }) => text);
  captions.said(words(0, 'good'));
  vi.advanceTimersByTime(7_000);
  captions.said(words(0, 'good morning', { final: true }));
  captions.said(words(0, 'too late'));
  expect(captions.lines).toEqual([{ key: 'p-1/0', name: 'Ada', text: 'good morning', isFinal: true }]);
  vi.advanceTimersByTime(7_999);
  expect(texts()).toEqual(['good morning']);
  vi.advanceTimersByTime(1);
  expect(texts()).toEqual([]);
});

test('the last three lines are shown, whoever says them', () => {
  const captions = new Captions();
  for (const line of [0, 1, 2]) captions.said(words(line, `Ada ${line}`, { final: true }));
  captions.said(words(0, 'Bob 0', { participant: 'p-2', name: 'Bob' }));
  expect(captions.lines.map(({ text }) => text)).toEqual(['Ada 1', 'Ada 2', 'Bob 0']);
  captions.close();
  expect(vi.getTimerCount()).toBe(0);
});

/** Stands in for the browser maker's engine. */
class Engine extends EventTarget implements Recognition {
  lang = '';
  continuous = false;
  interimResults = false;
  starts = 0;
  isRunning = false;
  start() {
    if (this.isRunning) throw new DOMException('it has started', 'InvalidStateError');
    this.isRunning = true;
    this.starts++;
  }
  abort() {
    this.end();
  }
  hear(index: number, ...results: [text: string, isFinal: boolean][]) {
    const event = new Event('result');
    const list = results.map(([transcript, isFinal]) => Object.assign([{ transcript }], { isFinal }));
    this.dispatchEvent(Object.assign(event, { resultIndex: index, results: list }));
  }
  fail(error: string) {
    this.dispatchEvent(Object.assign(new Event('error'), { error }));
    this.end();
  }
  end() {
    this.isRunning = false;
    this.dispatchEvent(new Event('end'));
  }
}

function speak() {
  const recognition = new Engine();
  const said: Spoken[] = [];
  const failed = vi.fn();
  vi.advanceTimersByTime(1_000);
  const speech = new Speech({ recognition, language: 'en-GB', say: (spoken) => said.push(spoken), failed });
  return { recognition, said, failed, speech };
}

test('what the browser hears is told, unfinished words not too often', () => {
  const { recognition, said } = speak();
  expect(recognition).toMatchObject({ lang: 'en-GB', continuous: true, interimResults: true, starts: 1 });
  recognition.hear(0, ['good', false]);
  recognition.hear(0, ['good mor', false]);
  vi.advanceTimersByTime(400);
  recognition.hear(0, [' good morning', false]);
  recognition.hear(0, ['Good morning.', true]);
  recognition.hear(1, ['Good morning.', true], [' ', false]);
  recognition.hear(1, ['Good morning.', true], ['x'.repeat(400), true]);
  expect(said).toEqual([
    { line: 0, text: 'good', final: false },
    { line: 0, text: 'good morning', final: false },
    { line: 0, text: 'Good morning.', final: true },
    { line: 1, text: 'x'.repeat(300), final: true },
  ]);
});

test('it goes on after a silence, and after a fault that passes; lines are counted on', () => {
  const { recognition, said, failed } = speak();
  recognition.hear(0, ['One.', true]);
  recognition.fail('no-speech');
  vi.advanceTimersByTime(0);
  expect(recognition.starts).toBe(2);
  recognition.hear(0, ['Two.', true]);
  recognition.fail('network');
  vi.advanceTimersByTime(2_999);
  expect(recognition.starts).toBe(2);
  vi.advanceTimersByTime(1);
  expect(recognition.starts).toBe(3);
  expect(said.map(({ line, text }) => [line, text])).toEqual([
    [0, 'One.'],
    [1, 'Two.'],
  ]);
  expect(failed).not.toHaveBeenCalled();
});

test('it is over when the browser may not do it, and when it is stopped', () => {
  const refused = speak();
  refused.recognition.fail('not-allowed');
  vi.advanceTimersByTime(60_000);
  expect([refused.recognition.starts, refused.failed.mock.calls.length]).toEqual([1, 1]);
  const stopped = speak();
  stopped.speech.stop();
  stopped.recognition.hear(0, ['Nobody hears this.', true]);
  vi.advanceTimersByTime(60_000);
  expect([stopped.recognition.starts, stopped.said]).toEqual([1, []]);
});
