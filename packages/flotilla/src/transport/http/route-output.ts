import type { HttpBinding } from '../../contract/index.ts';
import type { HttpResponse } from '../http-message.ts';

/** An output as JSON; 204 when there is nothing to send. The binding of a route may choose the status and a `Location`. */
export function jsonResponse(output: unknown, binding?: HttpBinding): HttpResponse {
  const body = JSON.stringify(output) as string | undefined;
  const status = binding?.status ?? (body === undefined ? 204 : 200);
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  const location = binding?.location && fill(binding.location, output);
  if (location) headers.location = location;
  return { status, headers, body };
}

/** The template with its `{names}` taken from the output, or undefined when the output lacks one. */
function fill(template: string, output: unknown): string | undefined {
  let complete = true;
  const filled = template.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const value = typeof output === 'object' && output !== null ? (output as Record<string, unknown>)[name] : undefined;
    if (typeof value !== 'string' && typeof value !== 'number') complete = false;
    return encodeURIComponent(String(value));
  });
  return complete ? filled : undefined;
}
