/** The figures of one round by name; the name carries the unit: `perSecond`, `p99Ms`, `cpuUs`. */
export type Figures = Readonly<Record<string, number>>;

/** What one round gave: ours, and what others gave for the same work in the same round. */
export interface Round {
  readonly own: Figures;
  readonly peers?: Readonly<Record<string, Figures>>;
}

/** Something set up once and measured several times. */
export interface Subject extends AsyncDisposable {
  /** One round; the runner calls it once more than asked and drops the first as warm-up. */
  round(): Promise<Round>;
}

/** What every case is told. */
export interface Conditions {
  /** How long a load is kept up in one round. */
  readonly durationMs: number;
  /** A database server to use instead of a private one. */
  readonly url: string | undefined;
  /** Leaves the peers out. */
  readonly alone: boolean;
}

/** The parameters of a case with the values it is run with unless told: each is a flag of the command line. */
export type Takes = Readonly<Record<string, readonly (string | number)[]>>;

export type Settings = Readonly<Record<string, string | number>>;

export interface BenchCase {
  readonly name: string;
  /** One line: what is measured and under which conditions. */
  readonly title: string;
  /** The standard length of a round. */
  readonly durationMs: number;
  readonly takes: Takes;
  open(settings: Settings, conditions: Conditions): Promise<Subject>;
}

/** Words stay the words that were listed; numbers may be others than the standard ones. */
type SettingsOf<TTakes extends Takes> = {
  readonly [TName in keyof TTakes]: TTakes[TName][number] extends number ? number : TTakes[TName][number];
};

interface CaseDefinition<TTakes extends Takes> {
  readonly name: string;
  readonly title: string;
  readonly durationMs?: number;
  readonly takes?: TTakes;
  open(settings: SettingsOf<TTakes>, conditions: Conditions): Promise<Subject>;
}

/** Types the settings by what the case takes. A round lasts a second unless the case says otherwise. */
export function defineCase<const TTakes extends Takes = Record<never, never>>(definition: CaseDefinition<TTakes>): BenchCase {
  const { name, title, durationMs = 1_000, takes = {}, open } = definition;
  // The runner reads the settings by `takes`, so that they are what the case expects.
  return { name, title, durationMs, takes, open: (settings, conditions) => open(settings as SettingsOf<TTakes>, conditions) };
}

/** For cases that leave nothing behind. */
export const nothingToClose = { [Symbol.asyncDispose]: async (): Promise<void> => undefined };
