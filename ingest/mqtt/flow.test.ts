import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Flow, mostUnanswered, type Connection } from "./flow.ts";

/** A connection with a keep-alive of 2 s: aedes lets it be silent for 3. */
function connection() {
  const written: string[] = [];
  const state = { isRead: true };
  const made = {
    pause: () => void (state.isRead = false),
    resume: () => void (state.isRead = true),
    ...{ _parsingBatch: 0, _keepaliveTimer: null, _keepaliveInterval: 3_000, closed: false },
    conn: { destroyed: false, write: (bytes: Buffer) => void written.push(bytes.toString("hex")) },
  } as unknown as Connection;
  return { flow: new Flow(made), written, state };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const take = (flow: Flow, count: number) => Array.from({ length: count }, () => flow.begin(10));
const answer = (flow: Flow, count: number) => Array.from({ length: count }, () => flow.end(10));

it("a client that is not read is told that it lives", () => {
  const { flow, written, state } = connection();
  take(flow, mostUnanswered);
  expect(state.isRead).toBe(false);
  vi.advanceTimersByTime(3_000);
  expect(written).toEqual(["d000", "d000", "d000"]);
});

it("so is one whose backlog is read piece by piece: its PINGREQ is behind all of it", () => {
  const { flow, written, state } = connection();
  for (let piece = 0; piece < 30; piece++) {
    take(flow, mostUnanswered);
    vi.advanceTimersByTime(100);
    answer(flow, mostUnanswered);
    expect(state.isRead).toBe(true);
  }
  expect(written).toEqual(["d000", "d000", "d000"]);
});

it("one that is read as it sends hears nothing that it did not ask for", () => {
  const { flow, written } = connection();
  take(flow, mostUnanswered);
  answer(flow, mostUnanswered);
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual(["d000"]);
  for (let second = 0; second < 10; second++) {
    take(flow, 10);
    vi.advanceTimersByTime(1_000);
    answer(flow, 10);
  }
  expect(written).toEqual(["d000"]);
  expect(vi.getTimerCount()).toBe(0);
});
