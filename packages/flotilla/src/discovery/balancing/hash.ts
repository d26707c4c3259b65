/** 32-bit FNV-1a over UTF-16 units, finished so that similar texts end far apart. Not for secrets. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return scramble(hash);
}

/** Two hashes as one; the order counts. */
export function combine(left: number, right: number): number {
  return scramble(Math.imul(left, 0x9e3779b1) ^ right);
}

/** The finaliser of MurmurHash3: each bit in changes half of the bits out. */
function scramble(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
