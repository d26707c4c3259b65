/** What the unit that runs now has changed, for those who wait for work. The tables mark it; the committer collects it. */
export interface Touched {
  events: boolean;
  sagas: boolean;
}
