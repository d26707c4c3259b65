import { lengthOfTime } from '../time-text.ts';
import type { Happening } from './keeper.ts';
import type { Ending } from './part-process.ts';

/** What a happening means to people, said of an instance; undefined when it says nothing new. */
export function sentenceOf(happening: Happening): string | undefined {
  switch (happening.event) {
    case 'up':
      return `is up after ${lengthOfTime(happening.tookMs)}, pid ${happening.pid}`;
    case 'restarting':
      return `${endOf(happening)} and starts again in ${lengthOfTime(happening.inMs)}`;
    case 'failed':
      return `can't start and is left alone until its files change: ${happening.error?.message ?? endOf(happening)}`;
    case 'starting':
    case 'stopping':
    case 'down':
      return undefined;
  }
}

function endOf({ code, signal, error }: Ending): string {
  if (signal !== null) return `was ended by ${signal}`;
  if (code === null) return `could not be started (${error?.message})`;
  return `ended with code ${code}`;
}
