import { similarKey, type YamlFile } from '../config/index.ts';
import { FlotillaError, isFlotillaError } from '../kernel/index.ts';

export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong in a file. */
export interface GatewayConfigProblem {
  readonly file: string;
  readonly line: number;
  /** `routes[2].rate_limit` */
  readonly key: string;
  readonly message: string;
}

/** Gathers everything wrong in one file, so that it is mended in one go. */
export class ProblemList {
  readonly #yaml: YamlFile;
  readonly #problems: GatewayConfigProblem[] = [];

  constructor(yaml: YamlFile) {
    this.#yaml = yaml;
  }

  add(path: ConfigPath, message: string): void {
    this.#problems.push({ ...this.#yaml.locate(path), key: keyText(path), message });
  }

  lineOf(path: ConfigPath): number {
    return this.#yaml.locate(path).line;
  }

  throwIfAny(): void {
    if (this.#problems.length === 0) return;
    const problems = this.#problems.toSorted((left, right) => left.line - right.line);
    const lines = problems.map(({ file, line, key, message }) => `  ${file}:${line}: ${key === '' ? '' : `${key}: `}${message}`);
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    throw new FlotillaError('INVALID_GATEWAY_CONFIG', {
      kind: 'invalid',
      message: `The gateway's configuration has ${count}:\n${lines.join('\n')}`,
      details: { problems },
    });
  }
}

/** Makes a typed value of what stands in the file, or throws a `FlotillaError` whose message says what to write. */
export type FieldReader<TValue> = (value: unknown) => TValue;

/** A mapping in the file with its known keys. Whatever is wrong goes to the list, and reading goes on. */
export class Section {
  readonly path: ConfigPath;
  readonly problems: ProblemList;
  readonly #fields: ReadonlyMap<string, unknown>;

  private constructor(problems: ProblemList, path: ConfigPath, fields: ReadonlyMap<string, unknown>) {
    this.problems = problems;
    this.path = path;
    this.#fields = fields;
  }

  static open(problems: ProblemList, at: { value: unknown; path: ConfigPath }, known: readonly string[]): Section | undefined {
    const { value, path } = at;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.add(path, `write keys and values here: ${known.join(', ')}.`);
      return undefined;
    }
    const fields = new Map<string, unknown>(Object.entries(value));
    for (const key of fields.keys()) {
      if (known.includes(key)) continue;
      const similar = similarKey(key, known);
      problems.add(
        [...path, key],
        `is not known here; ${similar === undefined ? `known: ${known.join(', ')}` : `did you mean '${similar}'?`}`,
      );
    }
    return new Section(problems, path, fields);
  }

  has(key: string): boolean {
    return this.#fields.has(key);
  }

  get(key: string): unknown {
    return this.#fields.get(key);
  }

  at(key: string): ConfigPath {
    return [...this.path, key];
  }

  /** The section under a key; undefined when it is missing or no mapping. */
  section(key: string, known: readonly string[]): Section | undefined {
    if (this.has(key)) return Section.open(this.problems, { value: this.get(key), path: this.at(key) }, known);
    this.problems.add(this.path, `'${key}' is missing.`);
    return undefined;
  }

  required<TValue>(key: string, read: FieldReader<TValue>): TValue | undefined {
    if (!this.has(key)) this.problems.add(this.path, `'${key}' is missing.`);
    return this.optional(key, read);
  }

  optional<TValue>(key: string, read: FieldReader<TValue>): TValue | undefined {
    if (!this.has(key)) return undefined;
    try {
      return read(this.get(key));
    } catch (error) {
      if (!isFlotillaError(error)) throw error;
      this.problems.add(this.at(key), error.message);
      return undefined;
    }
  }
}

function keyText(path: ConfigPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
