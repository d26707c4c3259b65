import { rows } from './pages.ts';

/** A command of the table of patterns that shows one of them in a running shop. */
export interface Showing {
  readonly pattern: string;
  readonly command: string;
  /** What its output must hold. */
  readonly expected: string;
}

/** Rows whose third cell reads `` `command` → `part of what it prints` ``; others are for people to do by hand. */
export function showings(page: string): Showing[] {
  return rows(page).flatMap(([pattern, , shown = '']) => {
    const [, command, expected] = /^`([^`]+)` → `([^`]+)`$/.exec(shown) ?? [];
    return command === undefined ? [] : [{ pattern: pattern!, command: unescaped(command), expected: unescaped(expected!) }];
  });
}

/** The shell functions and variables that the page's commands share. */
export function preparation(page: string): string {
  return /^```sh\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
}

function unescaped(cell: string): string {
  return cell.replaceAll('\\|', '|');
}
