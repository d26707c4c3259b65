import { wrongUsage } from '../command.ts';
import { commaList, keyValues } from '../option-values.ts';
import { GATEWAY } from '../gateway-name.ts';
import type { Part } from './survey.ts';

const MOST = 64;

/** How many instances of each part are wished for: `catalog=3,orders=2`; one of those that are not named. */
export function readScale(text: string | undefined, parts: readonly Part[]): ReadonlyMap<string, number> {
  const wishes = Object.entries(keyValues('scale', commaList(text) ?? []));
  const names = parts.map(({ name }) => name).filter((name) => name !== GATEWAY);
  return new Map(
    wishes.map(([name, count]) => {
      if (name === GATEWAY) throw wrongUsage('--scale: there is one gateway, because there is one port');
      if (!names.includes(name)) throw wrongUsage(`--scale: there is no service '${name}'; there is: ${names.join(', ')}`);
      const isCount = /^[1-9]\d?$/.test(count) && Number(count) <= MOST;
      if (!isCount) throw wrongUsage(`--scale wants a number from 1 to ${MOST} for ${name}, not '${count}'`);
      return [name, Number(count)];
    }),
  );
}
