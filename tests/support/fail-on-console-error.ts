import { afterEach, beforeEach } from "vitest";

// A warning that nobody reads is a bug on its way: whatever prints one in a test fails it. A test that provokes an error on
// purpose puts a function of its own in the place of console.error.
const print = console.error;
let seen: unknown[][] = [];

beforeEach(() => {
  seen = [];
  console.error = (...line: unknown[]) => {
    seen.push(line);
    print(...line);
  };
});

afterEach(() => {
  console.error = print;
  const first = seen[0];
  if (first) throw new Error(`console.error was called: ${first.map(String).join(" ")}`);
});
