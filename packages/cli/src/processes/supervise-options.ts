import type { OptionSpecs } from '../command.ts';
import { SERVE_OPTIONS } from '../serve.ts';

/** Options of a system that runs as many processes. */
export const SUPERVISE_OPTIONS = {
  ...SERVE_OPTIONS,
  only: { type: 'string', value: 'A,B', description: 'Runs only these services' },
  scale: { type: 'string', value: 'A=N,B=N', description: 'With --processes: how many instances of a service; one unless said' },
} as const satisfies OptionSpecs;
