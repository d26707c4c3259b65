export {
  abortReason,
  deadlineExceeded,
  type LinkedSignal,
  linkSignal,
  type TimeoutOptions,
  untilAborted,
  withTimeout,
} from './abort.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Duration, durationMs } from './duration.ts';
export { type ErrorKind, type ErrorOptions, FlotillaError, isFlotillaError, toFlotillaError } from './errors.ts';
export { follow, type Follower, unfollow } from './follow.ts';
export { type Ids, uuidV7 } from './ids.ts';
export { jittered } from './jitter.ts';
export { canonicalJson, copyJson, digest, isPoisonedKey, type Json, parseJson, refusePoisonedKeys } from './json.ts';
export { leavable, untilLeft } from './leavable.ts';
export { createLruMap, type LruMap, type LruOptions } from './lru.ts';
export { type Random, systemRandom } from './random.ts';
export { repeat } from './repeat.ts';
export { type Runtime, systemRuntime } from './runtime.ts';
export { sleep } from './sleep.ts';
export { TimerWheel, timerWheelOf, WheelTimer } from './timer-wheel.ts';
export { watchFiles, type WatchFilesOptions } from './watch-files.ts';
