/** One step of a register: what it turned from one good reading to the next, in its unit. Negative only where it may fall. */
export interface Step {
  fromMs: number;
  toMs: number;
  turned: number;
  /** The time between is known; not up to a replacement's reading. */
  isCovered: boolean;
}
