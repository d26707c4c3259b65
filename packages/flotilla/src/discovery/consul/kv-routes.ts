import { Buffer } from 'node:buffer';
import { type Answer, json, refusal, Refused } from './answer.ts';
import type { KeyValue, KeyValues } from './key-values.ts';

export interface KvRequest {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array | undefined;
}

/** Consul's own bound. */
const VALUE_BYTES = 512 * 1024;

/** Answers `/v1/kv/…`. Waiting is done before. */
export function answerKv(keys: KeyValues, request: KvRequest): Answer {
  const { method, key, query } = request;
  if (method === 'GET') return read(keys, key, query);
  if (query.has('acquire') || query.has('release')) throw new Refused(400, 'Sessions are not supported');
  if (method === 'PUT') return json(write(keys, request));
  if (method !== 'DELETE') throw new Refused(405, 'method not allowed');
  if (query.has('recurse')) keys.deleteAll(key);
  else if (key === '') throw new Refused(400, 'Missing key name');
  else return json(keys.delete(key, number(query, 'cas')));
  return json(true);
}

/** Whether a request reads all that starts with its key, and so waits for all of it. */
export function readsMany(query: URLSearchParams): boolean {
  return query.has('recurse') || query.has('keys');
}

function read(keys: KeyValues, key: string, query: URLSearchParams): Answer {
  const headers = { 'x-consul-index': String(keys.index(key)) };
  if (!readsMany(query) && key === '') throw new Refused(400, 'Missing key name');
  const found = readsMany(query) ? keys.list(key) : [keys.get(key)].filter((one) => one !== undefined);
  if (found.length === 0) return { ...refusal(404, ''), headers, body: undefined };
  if (query.has('keys')) return json(names(found, key, query.get('separator') ?? ''), headers);
  const rawHeaders = { 'content-type': 'application/octet-stream', ...headers };
  if (query.has('raw')) return { status: 200, headers: rawHeaders, body: found[0]!.value };
  return json(found.map(shape), headers);
}

function write(keys: KeyValues, { key, query, body = new Uint8Array() }: KvRequest): boolean {
  if (key === '') throw new Refused(400, 'Missing key name');
  if (body.length > VALUE_BYTES) throw new Refused(413, `The value is larger than ${VALUE_BYTES} bytes`);
  return keys.put(key, body, { flags: number(query, 'flags') ?? 0, cas: number(query, 'cas') });
}

/** With a separator, what lies deeper is given once by the folder it lies in. */
function names(found: readonly KeyValue[], prefix: string, separator: string): string[] {
  if (separator === '') return found.map(({ key }) => key);
  const folders = found.map(({ key }) => {
    const end = key.indexOf(separator, prefix.length);
    return end === -1 ? key : key.slice(0, end + separator.length);
  });
  return [...new Set(folders)];
}

function shape({ key, value, flags, createIndex, modifyIndex }: KeyValue) {
  const text = value.length === 0 ? null : Buffer.from(value).toString('base64');
  return { LockIndex: 0, Key: key, Flags: flags, Value: text, CreateIndex: createIndex, ModifyIndex: modifyIndex };
}

function number(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < 0) throw new Refused(400, `Invalid ${name}`);
  return value;
}
