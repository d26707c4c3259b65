/** Where a value came from, the strongest first. */
export type Source = 'command line' | 'environment' | 'file' | 'default';

export interface Origin {
  readonly source: Source;
  /** For people: `--set db.host`, `SHOP__DB__HOST`, `config/base.yaml:12`, `defaults`. */
  readonly where: string;
}

/** One value that one source gives: what is not an object, or an empty one. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: Origin;
}

/** Something wrong with the configuration. */
export interface ConfigProblem {
  /** Dotted key; empty for the whole. */
  readonly key: string;
  /** Where to mend it: `config/base.yaml:12`, `SHOP__DB__HOST`; undefined when nothing is set at all. */
  readonly where: string | undefined;
  readonly message: string;
}

/** What one source says, and what is wrong with it. */
export interface Layer {
  readonly settings: readonly Setting[];
  readonly problems: readonly ConfigProblem[];
}

/** True for what is merged key by key. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
