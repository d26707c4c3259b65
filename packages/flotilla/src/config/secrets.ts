import type { JsonSchema } from '../contract/index.ts';

/** Stands in for a secret wherever configuration is shown. */
export const REDACTED = '[secret]';

const SECRET_WORDS = new Set(['password', 'passwd', 'passphrase', 'secret', 'token', 'credential', 'credentials', 'dsn']);
const SECRET_KEYS = new Set(['api', 'access', 'private', 'signing', 'encryption', 'secret', 'master', 'service']);

/** True when a key's name says that its value is nobody's business: `password`, `apiKey`, `jwt-secret`; not `tokenLifetime`. */
export function looksSecret(key: string): boolean {
  const words = key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_.]/);
  const last = words.at(-1)!.replace(/s$/, '');
  return SECRET_WORDS.has(last) || SECRET_WORDS.has(words.at(-1)!) || (last === 'key' && SECRET_KEYS.has(words.at(-2) ?? ''));
}

/** True when the schema marks the value: `z.string().meta({ secret: true })`, or `writeOnly` or `format: password` of JSON Schema. */
export function isMarkedSecret(schema: JsonSchema | undefined): boolean {
  return schema?.secret === true || schema?.writeOnly === true || schema?.format === 'password';
}

/** The value without the password that an address may carry. */
export function withoutPassword(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/(\/\/[^/@:\s]*:)[^/@\s]+@/g, `$1${REDACTED}@`) : value;
}
