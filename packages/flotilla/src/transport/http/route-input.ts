import { check, type JsonSchema, jsonSchemaOf, type Operation, propertySchema, textToValue } from '../../contract/index.ts';
import { FlotillaError, isPoisonedKey, type Json } from '../../kernel/index.ts';
import type { HttpRequest } from '../http-message.ts';
import { readJsonBody } from './json-body.ts';

/** Makes the input of one operation out of a plain HTTP request. */
export type RouteInput = (request: HttpRequest, parameters: Readonly<Record<string, string>>) => unknown;

/**
 * Path parameters, query and JSON body become one input. Text is read as the type that the input's schema declares. Throws
 * `AMBIGUOUS_INPUT` when one name comes from two places: neither should silently win.
 */
export function createRouteInput({ input }: Operation): RouteInput {
  const schema = jsonSchemaOf(input);
  const absent = acceptsUndefined(input) ? undefined : {};
  return (request, parameters) => {
    const body = readJsonBody(request);
    const names = Object.keys(parameters);
    if (names.length === 0 && request.query === '') return body === undefined ? absent : body;
    const merged: Record<string, unknown> = bodyObject(body);
    for (const name of names) put(merged, name, textToValue(propertySchema(schema, name), parameters[name]!));
    const query = new URLSearchParams(request.query);
    for (const name of new Set(query.keys())) {
      put(merged, name, readQuery(propertySchema(schema, name), name, query.getAll(name)));
    }
    return merged;
  };
}

/** What a request without any input means: nothing where the schema lets that pass, otherwise an empty object. */
function acceptsUndefined(schema: Operation['input']): boolean {
  const verdict = check(schema, undefined);
  if (verdict instanceof Promise) return (verdict.catch(() => undefined), false);
  return verdict.ok;
}

function bodyObject(body: Json | undefined): Record<string, unknown> {
  if (body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body };
  throw new FlotillaError('INVALID_INPUT', { kind: 'invalid', message: 'The body must be a JSON object here.' });
}

function put(merged: Record<string, unknown>, name: string, value: unknown): void {
  if (isPoisonedKey(name)) {
    throw new FlotillaError('POISONED_KEY', { kind: 'invalid', message: `The parameter '${name}' is not allowed.` });
  }
  if (Object.hasOwn(merged, name)) throw ambiguous(name);
  merged[name] = value;
}

/** A name given several times is a list where the schema wants one. */
function readQuery(schema: JsonSchema | undefined, name: string, texts: readonly string[]): unknown {
  if (texts.length === 1) return textToValue(schema, texts[0]!);
  if (schema?.type !== 'array') throw ambiguous(name);
  return texts.flatMap((text) => textToValue(schema, text));
}

function ambiguous(name: string): FlotillaError {
  const message = `'${name.slice(0, 80)}' is given more than once. Send it in one place only: path, query or body.`;
  return new FlotillaError('AMBIGUOUS_INPUT', { kind: 'invalid', message });
}
