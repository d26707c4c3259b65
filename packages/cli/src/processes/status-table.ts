import { table } from '../table.ts';
import type { Style, Terminal } from '../terminal.ts';
import { perSecond } from '../top-view.ts';
import { BEAT_MS } from './parent.ts';
import type { InstanceState, Keeper } from './keeper.ts';

export interface StatusTableOptions {
  readonly style: Terminal['style'];
  readonly colour: (part: string, text: string) => string;
  /** Calls answered per second, where that is known. */
  readonly callsPerSecond: (part: string) => number | undefined;
  /** Monotonic time. */
  readonly now: number;
}

type ShownState = InstanceState | 'silent' | 'waiting';

const STATES: Record<ShownState, readonly [mark: string, style: Style, word: string]> = {
  up: ['●', 'green', 'up'],
  silent: ['◌', 'yellow', 'silent'],
  starting: ['◌', 'cyan', 'starting'],
  waiting: ['◌', 'cyan', 'waits for'],
  stopping: ['◌', 'yellow', 'stopping'],
  restarting: ['○', 'yellow', 'down'],
  failed: ['✖', 'red', "can't start"],
  down: ['○', 'dim', 'stopped'],
};
/** Whichever of these an instance of a part is in first says how the part is. */
const WORST_FIRST: readonly ShownState[] = ['failed', 'restarting', 'silent', 'starting', 'waiting', 'stopping', 'down', 'up'];
/** Its event loop is blocked, or it is stopped, when it misses so many beats. */
const SILENT_MS = 3 * BEAT_MS;

/** One line per part: how it is, and what it costs. */
export function statusTable(fleet: ReadonlyMap<string, readonly Keeper[]>, options: StatusTableOptions): string[] {
  return table([...fleet].map(([part, keepers]) => statusLine(part, keepers, options)));
}

function statusLine(part: string, keepers: readonly Keeper[], options: StatusTableOptions): string[] {
  const { style, colour } = options;
  const states = keepers.map((keeper) => stateOf(keeper, options.now));
  const worst = WORST_FIRST.find((state) => states.includes(state))!;
  const [mark, markStyle, word] = STATES[worst];
  const up = states.filter((state) => state === 'up').length;
  const restarts = keepers.reduce((sum, keeper) => sum + keeper.restarts, 0);
  const pids = keepers.flatMap(({ process }) => process?.pid ?? []);
  const bytes = keepers.reduce((sum, { process }) => sum + (process?.beat?.rssBytes ?? 0), 0);
  const calls = options.callsPerSecond(part);
  return [
    `${style(markStyle, mark)} ${colour(part, part)}`,
    style(markStyle, worst === 'waiting' ? `${word} ${neighboursOf(keepers)}` : word),
    keepers.length > 1 ? `${up}/${keepers.length} instances` : '',
    restarts === 0 ? '' : style('yellow', `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`),
    calls === undefined ? '' : `${perSecond(calls)} calls/s`,
    style('dim', bytes > 0 ? `${Math.round(bytes / 2 ** 20)} MB` : ''),
    style('dim', pids.length > 0 ? `pid ${pids.join(' ')}` : ''),
  ];
}

function stateOf({ state, process }: Keeper, now: number): ShownState {
  const beat = process?.beat;
  if (state !== 'up' || !beat) return state;
  if (now - beat.at > SILENT_MS) return 'silent';
  return beat.waitsFor.length > 0 ? 'waiting' : 'up';
}

/** Those without whom an instance is not ready. */
function neighboursOf(keepers: readonly Keeper[]): string {
  return [...new Set(keepers.flatMap(({ process }) => process?.beat?.waitsFor ?? []))].join(', ');
}
