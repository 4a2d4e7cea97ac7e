/** What went wrong with an embedded engine: one sentence that says what is wrong and what to do. */
export class EngineError extends Error {
  readonly expected = true;
  override name = "EngineError";
}
