import { FlotillaError } from '../kernel/index.ts';

/** What a service may hand to its database, on every engine: it gets back what it wrote. */
export type Parameter = string | number | bigint | null | NodeJS.ArrayBufferView;

/** For drivers: refuses what some engine would store as something else. Throws `UNSUPPORTED_PARAMETER`. */
export function checkParameters(parameters: readonly unknown[]): Parameter[] {
  for (const parameter of parameters) {
    const advice = objection(parameter);
    if (advice !== undefined) throw new FlotillaError('UNSUPPORTED_PARAMETER', { kind: 'internal', message: advice });
  }
  // Everything else was refused above.
  return parameters as Parameter[];
}

function objection(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'bigint' || value === null) return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${value} has no place in a database.`;
  if (typeof value === 'boolean') return 'A column holds no boolean. Declare it as an integer and store 1 or 0.';
  if (value instanceof Date) return 'A column holds no Date. Store milliseconds (date.getTime()) or text (date.toISOString()).';
  if (ArrayBuffer.isView(value)) return undefined;
  if (value === undefined) return 'A parameter is undefined. Write null for "no value".';
  return `A column holds no ${typeof value}. Store JSON.stringify(value) in a text column.`;
}
