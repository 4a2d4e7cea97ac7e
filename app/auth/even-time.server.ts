/**
 * Work that differs by whether somebody has an account is answered at the same time in any case: no sooner than this after it began,
 * which is longer than either takes.
 */
const evenMs = 800;

export async function atEvenTime<T>(work: () => Promise<T>): Promise<T> {
  const wait = new Promise<void>((resolve) => setTimeout(resolve, evenMs));
  try {
    return await work();
  } finally {
    await wait;
  }
}
