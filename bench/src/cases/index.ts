import type { BenchCase } from '../case.ts';
import { sqliteCommit } from './sqlite-commit.ts';
import { sqliteThread } from './sqlite-thread.ts';

/** Every case, in the order of the report. */
export const cases: readonly BenchCase[] = [sqliteCommit, sqliteThread];
