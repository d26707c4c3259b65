import type { Scenario } from './run.ts';
import { appointment, besideEachOther, convoy, stopover, tender, voyage } from './voyage.ts';

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
  born: {
    name: 'all goes well where it was started',
    saga: voyage(),
    temper: () => 'ok',
    ends: ['done'],
    isBornClaimed: true,
  },
  beside: {
    name: 'of two steps at the same time one is declined',
    saga: besideEachOther,
    temper: ({ step, direction }) => (step === 'right' && direction === 'run' ? 'declined' : 'ok'),
    ends: ['compensated'],
  },
  besideLater: {
    name: 'two steps at the same time are undone when a later one is declined',
    saga: besideEachOther,
    temper: ({ step, direction }) => (step === 'four' && direction === 'run' ? 'declined' : 'ok'),
    ends: ['compensated'],
  },
  stopover: {
    name: 'it waits for a lock, for time, and for a word that came before',
    saga: stopover,
    temper: () => 'ok',
    ends: ['done'],
    word: { to: stopover, key: (key) => key, name: 'word' },
  },
  stopped: {
    name: 'it waits for a word that never comes, until it is cancelled',
    saga: stopover,
    temper: () => 'ok',
    ends: ['cancelled'],
    isCancelled: true,
  },
  missed: {
    name: 'a word does not come in time, and operators are told',
    saga: appointment,
    temper: () => 'ok',
    ends: ['compensated'],
  },
  recalled: {
    name: 'it is cancelled while a step is under way that takes effect after it was undone',
    saga: voyage(),
    temper: ({ step, direction }) => (step === 'three' && direction === 'run' ? 'late' : 'ok'),
    ends: ['cancelled', 'compensated'],
    isCancelled: true,
  },
  convoy: {
    name: 'a child does its part',
    saga: convoy,
    children: [tender],
    temper: () => 'ok',
    ends: ['done'],
  },
  convoyReturns: {
    name: 'a child that was done is undone when its parent turns back',
    saga: convoy,
    children: [tender],
    temper: ({ step, direction }) => (step === 'two' && direction === 'run' ? 'declined' : 'ok'),
    ends: ['compensated'],
  },
  tenderFails: {
    name: 'a child turns back, and so does its parent',
    saga: convoy,
    children: [tender],
    temper: ({ step, direction }) => (step === 'outer' && direction === 'run' ? 'declined' : 'ok'),
    ends: ['compensated'],
  },
} as const satisfies Record<string, Scenario>;
