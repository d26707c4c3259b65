const NOBODY = 65_534;

/** For tests of permissions: the superuser may write anywhere, so the work runs as a user who may not. */
export async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
