import { relative } from 'node:path';

/** Relative where that is shorter to read: below the present folder. */
export function shortPath(path: string): string {
  const fromHere = relative('', path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
