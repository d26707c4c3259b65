/** A message of the server is one letter and a length, which counts itself. */
const LETTER_BYTES = 1;
const LENGTH_BYTES = 4;

/** Leaves out the messages of one kind from what a PostgreSQL server says, however it is cut into chunks. */
export function createAnswerFilter(letter: string): (chunk: Buffer) => Buffer {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const kept: Buffer[] = [];
    while (rest.length >= LETTER_BYTES + LENGTH_BYTES) {
      const end = LETTER_BYTES + rest.readInt32BE(LETTER_BYTES);
      if (rest.length < end) break;
      if (String.fromCharCode(rest[0]!) !== letter) kept.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    return Buffer.concat(kept);
  };
}
