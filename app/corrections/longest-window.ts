/** Of what is longer than a year of days nobody asks why: that is not one figure. */
export const longestWindowMs = 400 * 86_400_000;
