import { describe, expect, test } from 'vitest';
import { createProgress } from '../../src/terminal/progress.ts';
import { emulatedScreen } from '../support/emulated-screen.ts';
import { captureTerminal } from '../support/terminal.ts';

/** A clock that the test moves. */
function clock() {
  let ms = 0;
  return Object.assign(() => ms, {
    forward(by: number) {
      ms += by;
    },
  });
}

describe('in a log', () => {
  test('an event is a line, movement is a line now and then, an end says how long it took', () => {
    const { terminal, stdout, stderr } = captureTerminal();
    const now = clock();
    const progress = createProgress(terminal, now);
    const step = progress.step('nomad 1.11.3');
    step.update('verifying');
    for (const percent of [1, 2, 3, 4]) {
      step.update('fetching', percent / 100);
      now.forward(6000);
    }
    step.update('building');
    step.update('building');
    step.done('built');
    step.fail('too late');
    progress.close();
    expect(stderr().split('\n')).toEqual([
      '· nomad 1.11.3: verifying',
      '· nomad 1.11.3: fetching (3 %)',
      '· nomad 1.11.3: building',
      '✓ nomad 1.11.3: built (24 s)',
      '',
    ]);
    expect(stdout()).toBe('');
  });

  test('what takes minutes is mentioned less often, with the time left', () => {
    const { terminal, stderr } = captureTerminal();
    const now = clock();
    const step = createProgress(terminal, now).step('consul');
    for (let seconds = 0; seconds <= 150; seconds += 5) {
      step.update('building', seconds / 300);
      now.forward(5000);
    }
    expect(stderr().trimEnd().split('\n')).toEqual([
      '· consul: building (0 %)',
      '· consul: building (3 %, 4 m 50 s left)',
      '· consul: building (6 %, 4 m 40 s left)',
      '· consul: building (10 %, 4 m 30 s left)',
      '· consul: building (13 %, 4 m 20 s left)',
      '· consul: building (16 %, 4 m 10 s left)',
      '· consul: building (26 %, 3 m 40 s left)',
      '· consul: building (36 %, 3 m 10 s left)',
      '· consul: building (46 %, 2 m 40 s left)',
    ]);
  });

  test('the time spent waiting is not the time it took, and does not spoil the estimate', () => {
    const { terminal, stderr } = captureTerminal();
    const now = clock();
    const step = createProgress(terminal, now).step('nomad');
    step.update('fetching', null);
    now.forward(20_000);
    step.wait('waiting for the build of consul');
    now.forward(600_000);
    step.update('building', 0);
    now.forward(30_000);
    step.update('building', 0.1);
    now.forward(30_000);
    step.done('built');
    expect(stderr().split('\n')).toEqual([
      '· nomad: fetching',
      '· nomad: waiting for the build of consul',
      '· nomad: building (0 %)',
      '· nomad: building (10 %, 4 m 30 s left)',
      '✓ nomad: built (1 m 20 s)',
      '',
    ]);
  });

  test('without Unicode and with failures it stays readable', () => {
    const { terminal, stderr } = captureTerminal({ env: { LC_ALL: 'C' } });
    const progress = createProgress(terminal, clock());
    progress.step('one').fail('port taken');
    progress.step('two').skip('already there');
    progress.close();
    expect(stderr()).toBe('x one: port taken (0 ms)\n- two: already there (0 ms)\n');
  });
});

describe('on a terminal', () => {
  const start = (size: { columns: number; rows?: number }) => {
    const captured = captureTerminal({ tty: true, env: { NO_COLOR: '1' }, ...size });
    const now = clock();
    const progress = createProgress(captured.terminal, now);
    return { ...captured, now, progress, screen: () => emulatedScreen(captured.stderr(), size.columns) };
  };

  test('running steps have a bar, the time so far and the time left; ended ones a mark', () => {
    const { progress, now, screen } = start({ columns: 100 });
    const consul = progress.step('consul');
    const nomad = progress.step('nomad 1.11.3');
    consul.done('already there');
    nomad.update('building', 0);
    now.forward(20_000);
    nomad.update('building', 0.25);
    // Adding a step draws; so would the timer.
    progress.step('redis');
    expect(screen().lines).toEqual([
      '✓ consul        already there',
      '⠋ nomad 1.11.3  building  ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   25 %  20 s  1 m 00 s left',
      '⠋ redis',
      '',
    ]);
    expect(screen().cursorVisible).toBe(false);
    progress.close();
    expect(screen().cursorVisible).toBe(true);
  });

  test('a step that waits shows what for, and no clock', () => {
    const { progress, now, screen } = start({ columns: 100 });
    const step = progress.step('nomad');
    now.forward(5_000);
    step.wait('waiting for the build of consul');
    now.forward(60_000);
    progress.step('redis');
    expect(screen().lines).toEqual(['⠋ nomad  waiting for the build of consul', '⠋ redis', '']);
    progress.close();
  });

  test.each([40, 30, 20])('%i columns are enough: what does not fit is left out', (columns) => {
    const { progress, now, screen } = start({ columns });
    const step = progress.step('a rather long title of a step');
    step.update('a detail that is longer than anything that could stand here', 0.5);
    now.forward(10_000);
    progress.step('数据库服务器数据库服务器数据库服务器').done('完成');
    expect(screen().lines).toHaveLength(3);
    progress.close();
  });

  test('a window made narrower meanwhile does not leave broken lines behind', () => {
    const captured = captureTerminal({ tty: true, columns: 60, env: { NO_COLOR: '1' } });
    captured.terminal.screen.draw(['x'.repeat(59), 'short']);
    captured.resize(40);
    captured.terminal.screen.draw(['shorter', 'short']);
    // Two rows for the line that was broken, one for the other.
    expect(captured.stderr()).toContain('\x1b[3A\rshorter');
  });

  test('what is printed meanwhile stands above the steps, in order', () => {
    const { progress, terminal, screen } = start({ columns: 60 });
    progress.step('one');
    terminal.printError('first');
    progress.step('two').done();
    terminal.printError('second');
    progress.close();
    expect(screen().lines).toEqual(['first', 'second', '⠋ one', '✓ two', '']);
  });

  test('closing it again does not show the steps again', () => {
    const { progress, terminal, screen } = start({ columns: 60 });
    progress.step('one').done();
    progress.close();
    terminal.print('the result');
    progress.close();
    expect(screen().lines).toEqual(['✓ one', '']);
  });

  test('more steps than rows: the ended ones are counted, and all are shown at the end', () => {
    const { progress, screen } = start({ columns: 60, rows: 6 });
    for (let i = 0; i < 9; i++) {
      progress.step(`step ${i}`).done();
    }
    progress.step('last');
    expect(screen().lines).toEqual(['✓ 9 done', '⠋ last', '']);
    progress.close();
    expect(screen().lines).toHaveLength(11);
  });
});
