/** The figures of one round by name; the name carries the unit: `calls/s`, `p99 ms`. */
export type Figures = Readonly<Record<string, number>>;

/** Something set up once and measured several times. */
export interface Subject extends AsyncDisposable {
  /** One round; the runner calls it once more than asked and drops the first as warm-up. */
  round(): Promise<Figures>;
}

export interface BenchCase {
  readonly name: string;
  /** One line: what is measured and under which conditions. */
  readonly title: string;
  open(): Promise<Subject>;
}
