import type { Store } from '../store/index.ts';
import type { Health } from '../telemetry/index.ts';

const STUCK_COUNTED = 1_000;

/** DEGRADED while a saga is stuck, sagas are held back, or there are some that nobody here goes on with. */
export async function sagaHealth({ sagas: store }: Pick<Store, 'sagas'>, strangers: readonly string[]): Promise<Health> {
  const stuck = (await store.list({ status: 'stuck', limit: STUCK_COUNTED })).length;
  const { service, kinds } = await store.pauses();
  const reasons = [
    ...(stuck > 0 ? [stuckReason(stuck)] : []),
    ...(service ? ["All sagas are paused. See 'flotilla sagas resume --service'."] : []),
    ...(kinds.length > 0 ? [`Sagas are paused: ${kinds.join(', ')}. See 'flotilla sagas resume --kind'.`] : []),
    ...(strangers.length > 0
      ? [`There are sagas of kinds that nobody here knows: ${strangers.join(', ')}. Deploy them again.`]
      : []),
  ];
  return reasons.length === 0 ? { status: 'UP' } : { status: 'DEGRADED', reason: reasons.join(' ') };
}

function stuckReason(count: number): string {
  const many =
    count === 1
      ? 'One saga is stuck and needs'
      : `${count === STUCK_COUNTED ? 'At least ' : ''}${count} sagas are stuck and need`;
  return `${many} a person. See 'flotilla sagas list --status stuck'.`;
}
