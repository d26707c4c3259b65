import { simulate } from '../simulate.ts';
import { book, clients, invariants } from './freight-invariants.ts';
import { freight } from './freight.ts';

await simulate({ system: freight, clients, workload: book, invariants, visitors: 2 });
