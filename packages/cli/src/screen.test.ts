import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScreen } from './screen.ts';

/** A terminal as it looks after everything that was written: knows line feeds and the two movements that are used. */
function fakeTerminal(columns: number) {
  let lines = [''];
  const write = (text: string): void => {
    // oxlint-disable-next-line no-control-regex -- terminals are moved by control bytes.
    for (const [piece, up] of text.matchAll(/\u001b\[(\d+)A\r\u001b\[J|[^\u001b]+/g)) {
      if (up !== undefined) lines = [...lines.slice(0, lines.length - 1 - Number(up)), ''];
      else {
        const [first, ...more] = piece.split('\n');
        lines = [...lines.slice(0, -1), lines.at(-1)! + first!, ...more];
      }
    }
  };
  return { columns, write, lines: () => lines.slice(0, -1) };
}

test('what is printed stays above a foot that is always the last', () => {
  const terminal = fakeTerminal(40);
  let state = 'starting';
  const screen = createScreen(terminal, () => ['orders ' + state, 'users up']);
  screen.print('one');
  state = 'up';
  screen.print('two\nthree');
  assert.deepEqual(terminal.lines(), ['one', 'two', 'three', 'orders up', 'users up']);
  state = 'down';
  screen.refresh();
  assert.deepEqual(terminal.lines().slice(3), ['orders down', 'users up']);
  screen[Symbol.dispose]();
  assert.deepEqual(terminal.lines(), ['one', 'two', 'three']);
});

test('a line of the foot that would wrap is cut', () => {
  const terminal = fakeTerminal(10);
  const screen = createScreen(terminal, () => ['\u001b[31m0123456789\u001b[39m']);
  screen.refresh();
  assert.deepEqual(terminal.lines(), ['01234567…']);
});
