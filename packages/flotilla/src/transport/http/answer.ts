import type { Dispatcher } from 'undici';
import { FlotillaError, isFlotillaError, type Json, parseJson } from '../../kernel/index.ts';
import { connectionError } from './pools.ts';
import { errorFromProblem } from './problem.ts';

/** The output in a service's answer, or its error rebuilt. */
export async function readAnswer(service: string, answer: Dispatcher.ResponseData): Promise<Json | undefined> {
  const text = await readText(service, answer);
  const { statusCode } = answer;
  if (statusCode < 200 || statusCode > 299) throw errorFromProblem(statusCode, singleHeaders(answer.headers), text);
  return text === '' ? undefined : parseAnswer(service, text);
}

function parseAnswer(service: string, text: string): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    throw malformedAnswer(service, cause);
  }
}

/** A service that does not answer with JSON is broken. */
export function malformedAnswer(service: string, cause: unknown): FlotillaError {
  const message = `The service '${service}' did not answer with JSON.`;
  return new FlotillaError('MALFORMED_ANSWER', { kind: 'internal', message, cause });
}

/** One value for each name. */
export function singleHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return single;
}

/** A failure while talking to another process; ours, such as a passed deadline, stays as it is. */
export function exchangeError(service: string, thrown: unknown): FlotillaError {
  if (isFlotillaError(thrown)) return thrown;
  if ((thrown as NodeJS.ErrnoException).code !== 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return connectionError(service, thrown);
  const message = `The answer of the service '${service}' is too large.`;
  return new FlotillaError('ANSWER_TOO_LARGE', { kind: 'internal', message, cause: thrown });
}

async function readText(service: string, { body }: Dispatcher.ResponseData): Promise<string> {
  try {
    return await body.text();
  } catch (thrown) {
    throw exchangeError(service, thrown);
  }
}
