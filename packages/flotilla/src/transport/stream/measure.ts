/** No character needs more bytes of UTF-8 per unit of UTF-16. */
export const MAX_BYTES_PER_UNIT = 3;

/** True when the text has more bytes than that; short texts need not be measured. */
export function exceeds(text: string, maxBytes: number): boolean {
  return text.length * MAX_BYTES_PER_UNIT > maxBytes && Buffer.byteLength(text) > maxBytes;
}
