import type { EventData, EventType, InputOf, Schema } from '../contract/index.ts';
import type { Duration } from '../kernel/index.ts';
import type { SagaDefinition } from './definition.ts';
import type { SagaStep, Told } from './step.ts';

/** What happens when nobody came in time: the saga turns back, or goes on without. */
export type OnTimeout = 'fail' | 'go-on';

interface WaitLimits<TOnTimeout extends OnTimeout> {
  /** As long as it takes unless said. */
  timeout?: Duration;
  /** `fail` unless said. */
  onTimeout?: TOnTimeout;
  /** Tells operators when the time is over: one `saga.overdue` and one error line. */
  alert?: boolean;
}

/** Passes a wait over when there is nothing to wait for, from what is known by then; the result is undefined then. */
export interface Condition<TTold> {
  when: (told: TTold) => boolean;
}

/** Waits until somebody signals: a person who decides, or code of this service. */
export interface DecisionWait<TSchema extends Schema, TOnTimeout extends OnTimeout> extends WaitLimits<TOnTimeout> {
  /** Of what they say. A signal with anything else is refused where it is sent. */
  schema: TSchema;
}

/** Waits for an event of a service. The service that owns the saga subscribes to it by this very line. */
export interface EventWait<TEvent extends EventType, TOnTimeout extends OnTimeout> extends WaitLimits<TOnTimeout> {
  event: TEvent;
  /** The business key of the saga that the event is for. It may come before the saga waits, or even before there is one. */
  key: (data: EventData<TEvent>) => string;
}

/** Which event is the signal, and for which saga. */
export interface WaitedEvent {
  readonly event: EventType;
  readonly key: (data: unknown) => string;
}

/** Steps that run at the same time; in most stages there is one. */
export interface StepsStage {
  readonly kind: 'steps';
  readonly steps: readonly SagaStep[];
}

export interface SleepStage {
  readonly kind: 'sleep';
  readonly name: string;
  readonly length: (told: Told) => Duration;
}

export interface WaitStage {
  readonly kind: 'wait';
  readonly name: string;
  readonly schema: Schema;
  readonly timeoutMs: number | undefined;
  readonly onTimeout: OnTimeout;
  readonly alert: boolean;
  readonly when: ((told: Told) => boolean) | undefined;
  readonly on: WaitedEvent | undefined;
}

export interface ChildStage {
  readonly kind: 'child';
  readonly name: string;
  readonly saga: SagaDefinition;
  readonly input: (told: Told) => InputOf<Schema>;
}

export interface LockStage {
  readonly kind: 'lock';
  readonly name: string;
  readonly resource: (told: Told) => string;
}

/** A stage that gives the claim back and goes on when something happens. */
export type WaitingStage = SleepStage | WaitStage | ChildStage | LockStage;
/** What a saga goes through, one after the other. */
export type Stage = StepsStage | WaitingStage;

/** The names under which the journal knows a stage. */
export function namesOf(stage: Stage): readonly string[] {
  return stage.kind === 'steps' ? stage.steps.map(({ name }) => name) : [stage.name];
}
