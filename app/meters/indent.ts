/** Whole class names, so that the style sheet has them. Deeper meters stand no further in: a phone has no room for it. */
const steps = ["", "pl-5", "pl-10", "pl-[3.75rem]", "pl-20", "pl-[6.25rem]", "pl-[7.5rem]"];

/** How far in a meter stands that is so many meters below the top one. */
export const indent = (depth: number): string => steps[Math.min(depth, steps.length - 1)]!;
