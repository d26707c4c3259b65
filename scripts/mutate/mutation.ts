import type { Guard } from './guards.ts';

/** A change of the code that breaks a promise. Some test must fail under it, or that promise is not tested. */
export interface Mutation {
  /** What is taken away. */
  readonly name: string;
  readonly file: string;
  /** Occurs once in the file. */
  readonly from: string;
  readonly to: string;
  /** The tests that must fail. */
  readonly caughtBy: Guard;
}

/** The file with the mutation in it. Throws when the text is not there, or there more than once: the mutation must follow the code. */
export function mutated({ name, file, from, to }: Mutation, text: string): string {
  const parts = text.split(from);
  if (parts.length === 2) return parts.join(to);
  const found = parts.length === 1 ? 'is not' : `is ${parts.length - 1} times`;
  throw new Error(`'${name}': the text to change ${found} in ${file}. Bring the mutation up to date with the code:\n${from}`);
}
