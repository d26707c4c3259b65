import { fences } from './fences.ts';
import type { Mutation } from './mutation.ts';
import { onPostgres } from './postgres.ts';
import { transactions } from './transactions.ts';

/** Everything that some test must miss. */
export const mutations: readonly Mutation[] = [...fences, ...transactions, ...onPostgres];
