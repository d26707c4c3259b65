import type { HttpResponse } from '../../transport/index.ts';

/** An answer in Consul's way: JSON when it is well, one line of plain text when it is not. */
export type Answer = HttpResponse;

export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function done(): Answer {
  return { status: 200, headers: {}, body: undefined };
}

export function refusal(status: number, sentence: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${sentence}\n` };
}

/** What a handler throws to refuse a request. */
export class Refused extends Error {
  readonly answer: Answer;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.answer = refusal(status, sentence);
  }
}
