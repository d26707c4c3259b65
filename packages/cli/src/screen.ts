import { stripVTControlCharacters } from 'node:util';

export interface ScreenStream {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * A terminal with lines at its foot that always say how things are, below everything that was printed; of a foot
 * that is higher than the terminal the upper part.
 */
export interface Screen extends Disposable {
  print(text: string): void;
  /** Draws the foot anew. */
  refresh(): void;
}

const UP_AND_CLEAR = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A\r\u001b[J`);

/** Disposing leaves what was printed and takes the foot away. */
export function createScreen(stream: ScreenStream, foot: () => readonly string[]): Screen {
  let shown = 0;
  const draw = (printed: string, lines: readonly string[]): void => {
    // A terminal that does not know its size says 0.
    const width = stream.columns || 80;
    const visible = lines.slice(0, (stream.rows || lines.length + 1) - 1);
    const text = visible.map((line) => `${cut(line, width)}\n`).join('');
    // One write, so that nobody sees the screen without its foot.
    stream.write(`${UP_AND_CLEAR(shown)}${printed}${text}`);
    shown = visible.length;
  };
  return {
    print: (text) => draw(`${text}\n`, foot()),
    refresh: () => draw('', foot()),
    [Symbol.dispose]: () => draw('', []),
  };
}

/** A line that wraps would take two, and the next drawing would be one too low. Colours are given up with the rest of it. */
function cut(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < width ? line : `${plain.slice(0, width - 2)}…`;
}
