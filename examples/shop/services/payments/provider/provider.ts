/** What the provider says to a charge. `unavailable` means: nothing was done, ask again. */
export type Verdict = { status: 'charged' } | { status: 'declined'; why: string } | { status: 'unavailable' };

export interface Charge {
  /** Our name for the payment. The provider takes money once per reference, however often it is asked. */
  reference: string;
  amount: number;
  currency: string;
  token: string;
}

/** The company that moves the money. Who gives up waiting for it can't know what it did. */
export interface PaymentProvider {
  charge(charge: Charge, signal: AbortSignal): Promise<Verdict>;
  /** Returns what was taken under the reference, if anything; from then on it takes nothing under it. */
  refund(reference: string, signal: AbortSignal): Promise<void>;
}
