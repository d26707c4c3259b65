import type { Transaction } from 'flotilla/store';
import type { Statement } from './statement.ts';
import type { Touched } from './touched.ts';

/** One kind of small write that many callers wait for: any number of them make one statement. */
export interface Merge<TItem, TResult, TRow> {
  readonly statement: Statement<TRow>;
  /** The same for a write that is alone: the server carries it out faster when it knows that it is one. */
  readonly statementForOne: Statement<TRow>;
  /** What the write is about; two writes about the same thing are never in one statement. */
  key(item: TItem): string;
  values(items: readonly TItem[]): unknown[];
  valuesOfOne(item: TItem): unknown[];
  /** In the order of the items; undefined for one that the statement left out. */
  results(items: readonly TItem[], rows: readonly TRow[]): (TResult | undefined)[];
  /** Does the same in a unit, for what was left out or is refused in company. */
  alone(tx: Transaction, item: TItem): Promise<TResult>;
  touch(item: TItem, touched: Touched): void;
}
