import { execFileSync } from 'node:child_process';

/** A network of its own, in the middle of others to which a cable leads each. */
export interface Namespaces extends Disposable {
  /** What to put before a command that is to run in the middle, or at the end of a cable. */
  in(place: string): readonly string[];
  /** Its address at the end of a cable. */
  address(end: string): string;
  /** Cuts the cable at the far end, so that what is sent gets lost without a word; or mends it. */
  cable(end: string, state: 'down' | 'up'): void;
}

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

/** Why this machine can have no namespaces; undefined when it can. */
export function whyNoNamespaces(): string | undefined {
  const probe = `flotilla-probe-${process.pid}`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'del', probe);
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${(error as Error).message.split('\n')[0]}`;
  }
}

export function openNamespaces(ends: readonly string[]): Namespaces {
  const nameOf = (place: string): string => `flotilla-${process.pid}-${place}`;
  const stack = new DisposableStack();
  const open = (place: string): void => {
    ip('netns', 'add', nameOf(place));
    // With it go its ends of cables, and so the cables.
    stack.defer(() => ip('netns', 'del', nameOf(place)));
    ip('-n', nameOf(place), 'link', 'set', 'lo', 'up');
  };
  const dispose = (): void => stack.dispose();
  // They would outlive a test that was cut short.
  process.once('exit', dispose);
  try {
    open('middle');
    for (const [index, end] of ends.entries()) {
      open(end);
      ip('-n', nameOf('middle'), 'link', 'add', `to-${end}`, 'type', 'veth', 'peer', 'name', 'cable', 'netns', nameOf(end));
      ip('-n', nameOf('middle'), 'addr', 'add', `10.231.${index}.1/24`, 'dev', `to-${end}`);
      ip('-n', nameOf('middle'), 'link', 'set', `to-${end}`, 'up');
      ip('-n', nameOf(end), 'addr', 'add', `10.231.${index}.2/24`, 'dev', 'cable');
      ip('-n', nameOf(end), 'link', 'set', 'cable', 'up');
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    in: (place) => ['ip', 'netns', 'exec', nameOf(place)],
    address: (end) => `10.231.${ends.indexOf(end)}.2`,
    cable: (end, state) => ip('-n', nameOf(end), 'link', 'set', 'cable', state),
    [Symbol.dispose]: () => {
      process.off('exit', dispose);
      dispose();
    },
  };
}
