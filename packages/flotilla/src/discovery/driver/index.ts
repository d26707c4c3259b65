export { type Admission, admit } from './admission.ts';
export { believe, TELL_MS } from './belief.ts';
export { type Renewer } from '../heartbeat/beats.ts';
export { HeartbeatThread, type HeartbeatThreadOptions } from '../heartbeat/thread.ts';
export { backoffMs } from '../pace.ts';
export { changeOf, factsOf, instanceOf, type InstanceRow } from './rows.ts';
export { startSweeper, type Swept, type SweeperOptions } from './sweeper.ts';
