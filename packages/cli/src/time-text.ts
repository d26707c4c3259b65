/** `2026-11-20 08:02:57`, in the time zone of whoever reads it. */
export function dateTime(ms: number): string {
  // Swedish dates are the ones that look like ISO 8601.
  return new Date(ms).toLocaleString('sv-SE');
}

/** `08:02:57.120`, in the time zone of whoever reads it. */
export function timeOfDay(ms: number): string {
  return `${new Date(ms).toLocaleTimeString('sv-SE')}.${String((ms % 1000) | 0).padStart(3, '0')}`;
}

/** `12 ms`, `1.2 s`, `3 min`, `5 h`, `2 d`. */
export function lengthOfTime(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 86_400_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}
