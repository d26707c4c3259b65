/** A shop that serves, in whatever shape. Disposing closes it and removes what it kept. */
export interface OpenShop extends AsyncDisposable {
  /** Of its gateway. */
  readonly url: string;
  /** Its data folder. */
  readonly data: string;
}
