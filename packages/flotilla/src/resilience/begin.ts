/** Starts work; what it throws before it waits is a rejection like any other. */
export function begin<TResult>(work: () => Promise<TResult>): Promise<TResult> {
  try {
    return Promise.resolve(work());
  } catch (thrown) {
    // What was thrown stays what it is, even if it is no error.
    return Promise.reject(thrown as Error);
  }
}
