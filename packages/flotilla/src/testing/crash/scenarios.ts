import type { Scenario } from './run.ts';
import { voyage } from './voyage.ts';

/** What can happen to a saga of four steps. */
export const scenarios = {
  happy: {
    name: 'all goes well',
    saga: voyage(),
    temper: () => 'ok',
    ends: ['done'],
  },
  declined: {
    name: 'the third step is declined',
    saga: voyage(),
    temper: ({ step, direction }) => (step === 'three' && direction === 'run' ? 'declined' : 'ok'),
    ends: ['compensated'],
  },
  silent: {
    name: 'the third step takes effect and never answers',
    saga: voyage(),
    temper: ({ step, direction }) => (step === 'three' && direction === 'run' ? 'silent' : 'ok'),
    ends: ['compensated'],
  },
  checked: {
    name: 'the third step never answers, but can be checked',
    saga: voyage({ checks: true }),
    temper: ({ step, direction }) => (step === 'three' && direction === 'run' ? 'silent' : 'ok'),
    ends: ['done'],
  },
  late: {
    name: 'the third step takes effect after it was undone',
    saga: voyage(),
    temper: ({ step, direction }) => (step === 'three' && direction === 'run' ? 'late' : 'ok'),
    ends: ['compensated'],
  },
  stubborn: {
    name: 'a compensation fails twice',
    saga: voyage(),
    temper: ({ step, direction }, times) => {
      if (direction === 'run') return step === 'three' ? 'declined' : 'ok';
      return step === 'two' && times <= 2 ? 'unavailable' : 'ok';
    },
    ends: ['compensated'],
  },
  stuck: {
    name: 'a compensation always fails, until an operator retries it',
    saga: voyage(),
    temper: ({ step, direction }) => {
      if (direction === 'run') return step === 'three' ? 'declined' : 'ok';
      return step === 'two' ? 'unavailable' : 'ok';
    },
    ends: ['compensated'],
    operator: 'retry',
  },
  pivot: {
    name: 'a step after the pivot always fails, until an operator skips it',
    saga: voyage({ pivot: true }),
    temper: ({ step }) => (step === 'four' ? 'unavailable' : 'ok'),
    ends: ['done'],
    operator: 'skip',
  },
} as const satisfies Record<string, Scenario>;
