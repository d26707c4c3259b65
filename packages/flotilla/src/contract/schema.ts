import type { StandardSchemaV1 } from '@standard-schema/spec';
import { FlotillaError } from '../kernel/index.ts';

/** Any schema of any library that speaks Standard Schema: Zod, Valibot, ArkType and others. */
export type Schema<TInput = unknown, TOutput = TInput> = StandardSchemaV1<TInput, TOutput>;

/** What a caller may pass to a schema. */
export type InputOf<TSchema extends Schema> = StandardSchemaV1.InferInput<TSchema>;
/** What a schema yields after validation. */
export type OutputOf<TSchema extends Schema> = StandardSchemaV1.InferOutput<TSchema>;

/** One thing wrong with a value: where, as a dotted path (empty for the value itself), and what. */
export interface Issue {
  path: string;
  message: string;
}

export type Validated<TValue> = { ok: true; value: TValue } | { ok: false; issues: Issue[] };

/** Libraries may validate asynchronously; the result is a promise only then. */
type MaybeLater<TValue> = TValue | Promise<TValue>;

/** Validates without throwing. */
export function check<TSchema extends Schema>(schema: TSchema, value: unknown): MaybeLater<Validated<OutputOf<TSchema>>> {
  const result = schema['~standard'].validate(value);
  return result instanceof Promise ? result.then(verdict<OutputOf<TSchema>>) : verdict<OutputOf<TSchema>>(result);
}

/**
 * Validates what a caller sent. Throws `INVALID_INPUT` whose details list every issue with its path; a promise only where the
 * schema validates asynchronously.
 */
export function validateInput<TSchema extends Schema>(
  schema: TSchema,
  value: unknown,
  what: string,
): MaybeLater<OutputOf<TSchema>> {
  return passed(check(schema, value), (issues) => {
    const message = `${what}: ${describeIssues(issues)}`;
    return new FlotillaError('INVALID_INPUT', { kind: 'invalid', message, details: { issues } });
  });
}

/** Validates what our own side produced, in the same way. A mismatch is our fault: `INVALID_OUTPUT` of kind internal. */
export function validateOutput<TSchema extends Schema>(
  schema: TSchema,
  value: unknown,
  what: string,
): MaybeLater<OutputOf<TSchema>> {
  return passed(check(schema, value), (issues) => {
    const message = `${what} does not keep its contract.`;
    return new FlotillaError('INVALID_OUTPUT', { kind: 'internal', message, cause: new Error(describeIssues(issues)) });
  });
}

type Refuse = (issues: readonly Issue[]) => FlotillaError;

/** The value of a check that went well; throws what is made of one that did not. */
function passed<TValue>(result: MaybeLater<Validated<TValue>>, refuse: Refuse): MaybeLater<TValue> {
  if (result instanceof Promise) return result.then((late) => valueOf(late, refuse));
  return valueOf(result, refuse);
}

function valueOf<TValue>(result: Validated<TValue>, refuse: Refuse): TValue {
  if (result.ok) return result.value;
  throw refuse(result.issues);
}

/** Issues as one line: `lines.0.quantity: must be at least 1; email: is required`. */
export function describeIssues(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

function verdict<TValue>(result: StandardSchemaV1.Result<unknown>): Validated<TValue> {
  // The schema itself vouches for the type of what it let through.
  if (!result.issues) return { ok: true, value: result.value as TValue };
  return { ok: false, issues: result.issues.map(({ path, message }) => ({ path: dotted(path), message })) };
}

function dotted(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.');
}
