import { FlotillaError } from '../kernel/index.ts';

export type SystemAnswer = (input: SystemInput, signal: AbortSignal) => Promise<unknown>;

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** Reads the input of a system operation field by field; what does not fit throws `INVALID_INPUT` naming the field. */
export class SystemInput {
  readonly #name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(name: string, input: unknown) {
    this.#name = name;
    this.#fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  }

  text(field: string): string {
    const value = this.optionalText(field);
    return value ?? this.#refuse(field, 'is missing');
  }
  optionalText(field: string): string | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : this.#refuse(field, 'must be text');
  }
  number(field: string, otherwise: number): number {
    const value = this.#fields[field] ?? otherwise;
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.#refuse(field, 'must be a whole number from 0');
  }
  optionalNumber(field: string): number | undefined {
    const value = this.#fields[field];
    return value === undefined || value === null ? undefined : this.number(field, 0);
  }
  optionalFlag(field: string): boolean | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'boolean' ? value : this.#refuse(field, 'must be true or false');
  }
  /** Any JSON, null included. */
  any(field: string): unknown {
    return this.#fields[field] === undefined ? this.#refuse(field, 'is missing') : this.#fields[field];
  }
  /** Of things to list: 100 unless said, and never more than 1000. */
  limit(): number {
    return Math.min(this.number('limit', DEFAULT_LIMIT), MAX_LIMIT);
  }
  list<TItem>(field: string): TItem[] {
    return this.optionalList<TItem>(field) ?? this.#refuse(field, 'is missing');
  }
  optionalList<TItem>(field: string): TItem[] | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? (value as TItem[]) : this.#refuse(field, 'must be a list');
  }
  oneOf<TValue extends string>(field: string, values: readonly TValue[]): TValue {
    const value = this.text(field) as TValue;
    return values.includes(value) ? value : this.#refuse(field, `must be one of ${values.join(', ')}`);
  }

  #refuse(field: string, why: string): never {
    const issues = [{ path: field, message: why }];
    throw new FlotillaError('INVALID_INPUT', {
      kind: 'invalid',
      message: `${this.#name}: ${field} ${why}.`,
      details: { issues },
    });
  }
}
