import type { CallerContext } from './context.ts';

/** What something becomes in the hands of one caller. */
export type Bind<TBound> = (context: CallerContext) => TBound;

const CONTEXT: unique symbol = Symbol('caller context');

/**
 * Objects whose members come to be when they are asked for, so that binding a caller costs one small object however many
 * services and operations there are.
 */
export function bindMembers(members: readonly (readonly [name: string, bind: Bind<unknown>])[]): Bind<object> {
  class Bound {
    readonly [CONTEXT]: CallerContext;
    constructor(context: CallerContext) {
      this[CONTEXT] = context;
    }
  }
  for (const [name, bind] of members) {
    Object.defineProperty(Bound.prototype, name, {
      enumerable: true,
      get(this: Bound) {
        return bind(this[CONTEXT]);
      },
    });
  }
  return (context) => new Bound(context);
}
