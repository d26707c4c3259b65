import { createHash } from 'node:crypto';
import { FlotillaError } from './errors.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const POISONED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** True for keys that could reach an object's prototype; such keys are refused wherever data comes in. */
export function isPoisonedKey(key: string): boolean {
  // Nearly every key is told apart by its length alone.
  return (key.length === 9 || key.length === 11) && POISONED_KEYS.has(key);
}

/** Parses JSON from outside. Throws `MALFORMED_JSON`, or `POISONED_KEY` for keys that could reach a prototype. */
export function parseJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new FlotillaError('MALFORMED_JSON', {
      kind: 'invalid',
      message: `This is not JSON: ${(cause as Error).message}.`,
      cause,
    });
  }
  // Almost every body holds no such word at all: one scan of the text is cheaper than a walk over the value.
  if (text.includes('__proto__') || text.includes('constructor') || text.includes('prototype') || text.includes('\\u')) {
    refusePoisonedKeys(value, '');
  }
  return value;
}

/** Throws `POISONED_KEY` when any object in `value` has a key that could reach a prototype. */
export function refusePoisonedKeys(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const here = path === '' ? key : `${path}.${key}`;
    if (isPoisonedKey(key)) throw poisonedKey(here);
    refusePoisonedKeys((value as Record<string, unknown>)[key], here);
  }
}

function poisonedKey(path: string): FlotillaError {
  return new FlotillaError('POISONED_KEY', { kind: 'invalid', message: `The key '${path}' is not allowed.` });
}

/**
 * The value as another process would receive it: what JSON drops is dropped, and nothing is shared with the original. Throws
 * `POISONED_KEY` like `parseJson`, and a `TypeError` for what has no JSON form.
 */
export function copyJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return copyScalar(value);
  if (Array.isArray(value)) return value.map((item) => copyJson(item) ?? null);
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return copyJson((value as { toJSON(): unknown }).toJSON());
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = copyJson((value as Record<string, unknown>)[key]);
    if (item === undefined) continue;
    if (isPoisonedKey(key)) throw poisonedKey(key);
    copy[key] = item;
  }
  return copy;
}

function copyScalar(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') throw new TypeError('A bigint has no JSON form; send it as text.');
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
}

/** JSON with sorted keys: equal values give equal text, whatever order their keys were written in. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) => {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
      const sorted = Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1));
      return Object.fromEntries(sorted);
    }) ?? 'null'
  );
}

/** SHA-256 of the canonical JSON of its arguments, as base64url text. */
export function digest(...parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('base64url');
}
