import { similarKey } from '../config/index.ts';
import { durationMs, FlotillaError } from '../kernel/index.ts';
import { parseRate, type Rate } from '../resilience/index.ts';
import type { FieldReader } from './config-section.ts';
import { parsePathPattern } from './path-pattern.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

const METHODS: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const MAX_TRUSTED_HOPS = 10;
const MAX_DURATION_MS = 365 * 86_400_000;

export const readText: FieldReader<string> = (value) => {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw wrong(value, 'a text');
};

export const readFlag: FieldReader<boolean> = (value) => {
  if (typeof value === 'boolean') return value;
  throw wrong(value, 'true or false');
};

export const readHops: FieldReader<number> = (value) => {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TRUSTED_HOPS) return value as number;
  throw wrong(value, `a whole number from 0 to ${MAX_TRUSTED_HOPS}`);
};

export const readRate: FieldReader<Rate> = (value) => parseRate(shown(value));

export const readTimeout: FieldReader<number> = (value) => {
  if (typeof value === 'number') throw wrong(value, "a duration with its unit, such as '5s'");
  return positive(value, durationMs(readText(value)));
};

/** Seconds as a number, or a duration. */
export const readTtl: FieldReader<number> = (value) => {
  if (typeof value !== 'number') return positive(value, durationMs(readText(value)));
  if (Number.isFinite(value)) return positive(value, value * 1000);
  throw wrong(value, "a number of seconds, or a duration such as '30s'");
};

/** A path without parameters, as text that other paths may start with; null stands for none. */
export const readPrefix: FieldReader<string> = (value) => {
  if (value === null || value === '/') return '';
  return readPlainPath(value);
};

export const readPlainPath: FieldReader<string> = (value) => {
  const path = readText(value);
  if (parsePathPattern(path).every(({ kind }) => kind === 'static')) return path;
  throw wrong(value, 'a path without parameters');
};

export const readMethods: FieldReader<readonly Method[]> = (value) => {
  if (!Array.isArray(value) || value.length === 0) throw wrong(value, 'a list such as [GET, POST]');
  const unknown = value.filter((name) => !isMethod(name)).map(explainMethod);
  if (unknown.length > 0) throw invalid(`${unknown.join('; ')}.`);
  const methods = value.filter(isMethod);
  const twice = methods.find((method, index) => methods.indexOf(method) !== index);
  if (twice !== undefined) throw invalid(`${twice} stands there twice.`);
  return methods;
};

function isMethod(value: unknown): value is Method {
  return METHODS.some((method) => method === value);
}

function explainMethod(value: unknown): string {
  const meant = METHODS.find((method) => typeof value === 'string' && method === value.toUpperCase());
  return `'${shown(value)}' is not a method; ${meant ? `write ${meant}` : `known: ${METHODS.join(', ')}`}`;
}

/** The name of one of the system's services. */
export function serviceReader(services: readonly string[]): FieldReader<string> {
  return (value) => {
    const name = readText(value);
    if (services.includes(name)) return name;
    const similar = similarKey(name, services);
    const advice = similar === undefined ? '' : ` Did you mean '${similar}'?`;
    throw invalid(`'${name}' is not a service of this system.${advice} Known: ${services.toSorted().join(', ') || 'none'}.`);
  };
}

function positive(value: unknown, ms: number): number {
  if (ms > 0 && ms <= MAX_DURATION_MS) return ms;
  throw wrong(value, 'a length of more than 0 and at most a year, or leave the key out');
}

function wrong(value: unknown, expected: string): FlotillaError {
  return invalid(`'${shown(value)}' will not do; write ${expected}.`);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function invalid(message: string): FlotillaError {
  return new FlotillaError('INVALID_GATEWAY_CONFIG', { kind: 'invalid', message });
}
