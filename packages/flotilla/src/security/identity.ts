/** On whose behalf something happens. */
export interface Identity {
  /** Stable id of the user; undefined when nobody signed in. */
  readonly subject: string | undefined;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** Nobody signed in. */
export const anonymous: Identity = Object.freeze({ subject: undefined, roles: [], scopes: [] });
