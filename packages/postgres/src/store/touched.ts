/** What a unit or a merged write has changed, for those who wait for work. */
export interface Touched {
  events: boolean;
  sagas: boolean;
}
