import type { BenchCase } from '../case.ts';
import { appends } from './appends.ts';
import { callHttp } from './call-http.ts';
import { chain } from './chain.ts';
import { claimScale } from './claim-scale.ts';
import { inprocess } from './inprocess.ts';
import { memory } from './memory.ts';
import { orders } from './orders.ts';
import { pipelineMemory } from './pipeline-memory.ts';
import { pipelineStages } from './pipeline-stages.ts';
import { pipeline } from './pipeline.ts';
import { projectionCase } from './projection.ts';
import { registry } from './registry.ts';
import { rpc } from './rpc.ts';
import { rpcStarted } from './rpc-started.ts';
import { sagas } from './sagas.ts';
import { sqliteCommit } from './sqlite-commit.ts';
import { sqliteThread } from './sqlite-thread.ts';
import { startup } from './startup.ts';
import { wakeup } from './wakeup.ts';

/** Every case, in the order of the report. */
export const cases: readonly BenchCase[] = [
  inprocess,
  callHttp,
  rpc,
  rpcStarted,
  chain,
  pipeline,
  pipelineStages,
  pipelineMemory,
  orders,
  sagas,
  claimScale,
  appends,
  projectionCase,
  wakeup,
  registry,
  startup,
  memory,
  sqliteCommit,
  sqliteThread,
];
