import type { SagaRow } from '../../store/index.ts';
import type { Evidence } from './evidence.ts';
import type { Ledger } from './ledger.ts';

/** Promises that every system keeps, whatever it does. Each broken one in words; none when all were kept. */
export function brokenPromises(evidence: Evidence): string[] {
  return [
    ...commandsHappenOnce(evidence),
    ...sagasEnd(evidence),
    ...fencesHold(evidence.ledger),
    ...eventsAreTakenOnce(evidence),
    ...readModelsFollowTheLog(evidence),
    ...logsAreWhole(evidence),
    ...acknowledgedIsCommitted(evidence),
  ];
}

/** E1: a command is carried out once under one idempotency key, however often it arrives. */
function commandsHappenOnce({ ledger }: Evidence): string[] {
  return repeated(ledger.commits.flatMap(({ commands }) => commands)).map((command) => `E1: ${command} was carried out again`);
}

/** E2: every saga that was started is still there, and has ended or waits for a person after exactly one alert. */
function sagasEnd({ ledger, sagas, logs }: Evidence): string[] {
  return [...sagas].flatMap(([service, rows]) => {
    const known = new Set(rows.map(({ id }) => id));
    const started = ledger.commits.filter((notes) => notes.service === service).flatMap((notes) => notes.sagas);
    const alerts = (logs.get(service) ?? []).filter(({ type }) => type === 'saga.stuck');
    const repairs = (logs.get(service) ?? []).filter(({ type }) => type === 'saga.repaired');
    const stuck = rows.filter(({ status }) => status === 'stuck');
    return [
      ...started.filter((id) => !known.has(id)).map((id) => `E2: saga ${id} of ${service} is lost`),
      ...rows.filter(isUnderWay).map(({ kind, key, status }) => `E2: ${kind} ${key} is still ${status}`),
      ...(alerts.length === stuck.length + repairs.length
        ? []
        : [`E2: ${service} gave ${alerts.length} alerts for ${stuck.length + repairs.length} times stuck`]),
    ];
  });
}

/** Neither over, nor waiting for a person or for something that nobody has promised. */
function isUnderWay({ status, paused, awaits }: SagaRow): boolean {
  return !paused && awaits === undefined && ['ready', 'running', 'waiting', 'compensating'].includes(status);
}

/** E4: no write with a lower fence lands after one with a higher, and a fence belongs to one process. */
export function fencesHold(ledger: Ledger): string[] {
  const last = new Map<string, { fence: number; by: string }>();
  return ledger.commits.flatMap(({ service, fenced }) =>
    fenced.flatMap(({ what, fence, by }) => {
      const name = `${service}: ${what}`;
      const before = last.get(name) ?? { fence, by };
      if (fence < before.fence) return [`E4: ${by} wrote ${name} with fence ${fence} after ${before.fence}`];
      last.set(name, { fence, by });
      return fence === before.fence && by !== before.by ? [`E4: ${by} wrote ${name} with the fence of ${before.by}`] : [];
    }),
  );
}

/** E6: every event that was committed reaches every subscriber, and is taken once. */
function eventsAreTakenOnce({ ledger, outstanding, parked }: Evidence): string[] {
  const taken = ledger.commits.flatMap(({ received }) => received.map(({ subscription, event }) => `${subscription} ${event}`));
  const left = outstanding.filter((debt) => !parked.has(debt.slice(debt.lastIndexOf(' ') + 1)));
  return [
    ...repeated(taken).map((debt) => `E6: ${debt} was taken again`),
    ...left.map((debt) => `E5/E6: ${debt} was never taken`),
  ];
}

/** E5: each read model sees each event once, in the order of the log. */
function readModelsFollowTheLog({ ledger, logs }: Evidence): string[] {
  const seen = Map.groupBy(
    ledger.commits.flatMap(({ service, projected }) => projected.map((one) => ({ service, ...one }))),
    ({ projection }) => projection,
  );
  return [...seen].flatMap(([projection, events]) => {
    const places = new Map((logs.get(events[0]!.service) ?? []).map(({ id, position }) => [id, position]));
    const order = events.map(({ event }) => places.get(event) ?? Infinity);
    return order.some((place, index) => index > 0 && place <= order[index - 1]!)
      ? [`E5: ${projection} did not see the log in its order, each event once`]
      : [];
  });
}

/** Streams have no gaps, and what was appended is there. */
function logsAreWhole({ ledger, logs }: Evidence): string[] {
  return [...logs].flatMap(([service, log]) => {
    const kept = new Set(log.map(({ id }) => id));
    const appended = ledger.commits.filter((notes) => notes.service === service).flatMap((notes) => notes.appended);
    const versions = new Map<string, number>();
    const gaps = log.filter(({ stream, version }) => {
      if (stream === undefined) return false;
      const expected = (versions.get(stream) ?? 0) + 1;
      versions.set(stream, version ?? 0);
      return version !== expected;
    });
    return [
      ...appended.filter(({ event }) => !kept.has(event.id)).map(({ event }) => `E7: ${event.type} of ${service} is lost`),
      ...gaps.map(({ stream, version }) => `E5: ${service}: version ${version} of ${stream} is out of its order`),
    ];
  });
}

/** E7: whoever was told that a command is done was told the truth. */
function acknowledgedIsCommitted({ ledger }: Evidence): string[] {
  return ledger.acknowledged
    .filter(({ wasCommitted }) => !wasCommitted)
    .map(({ command }) => `E7: ${command} was acknowledged before it was committed`);
}

function repeated(items: readonly string[]): string[] {
  const seen = new Set<string>();
  return items.filter((item) => seen.has(item) || !seen.add(item));
}
