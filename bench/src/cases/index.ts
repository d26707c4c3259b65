import type { BenchCase } from '../case.ts';
import { callHttp } from './call-http.ts';
import { callLocal } from './call-local.ts';
import { memory } from './memory.ts';
import { orders } from './orders.ts';
import { pipelineMemory } from './pipeline-memory.ts';
import { pipelineSpeed } from './pipeline-speed.ts';
import { pipelineStages } from './pipeline-stages.ts';
import { registry } from './registry.ts';
import { rpc } from './rpc.ts';
import { sagaSteps } from './saga-steps.ts';
import { sqliteCommit } from './sqlite-commit.ts';
import { sqliteThread } from './sqlite-thread.ts';
import { startUp } from './start-up.ts';

/** Every case, in the order of the report. */
export const cases: readonly BenchCase[] = [
  callLocal,
  callHttp,
  rpc,
  pipelineSpeed,
  pipelineStages,
  pipelineMemory,
  orders,
  sagaSteps,
  registry,
  startUp,
  memory,
  sqliteCommit,
  sqliteThread,
];
