import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where files go that need not survive a power loss: in memory where the machine offers that. */
export const scratchFolder: string = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
