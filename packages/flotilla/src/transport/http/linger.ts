import type { Readable } from 'node:stream';
import type { Clock } from '../../kernel/index.ts';

const LINGER_MS = 500;

/** Throws away what still comes in, until it ends or for half a second, so that the answer reaches a client still busy sending. */
export function lingerOn(stream: Readable, clock: Clock, done: () => void): void {
  const finish = (): void => {
    timer[Symbol.dispose]();
    stream.off('end', finish);
    stream.off('close', finish);
    done();
  };
  const timer = clock.timer(LINGER_MS, finish);
  stream.once('end', finish);
  stream.once('close', finish);
  stream.resume();
}
