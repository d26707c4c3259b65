/** Others changed what the unit had looked at; it must run again. */
export class LostRace extends Error {
  constructor(what: string) {
    super(`${what} changed while the transaction ran.`);
  }
}
