import { expect, test } from "vitest";
import { createShutdown } from "./shutdown.ts";

function recorded() {
  const seen: string[] = [];
  const exits: number[] = [];
  const stopping = createShutdown({
    log: (sentence, error) => seen.push(error instanceof Error ? `${sentence}: ${error.message}` : sentence),
    exit: (code) => exits.push(code),
  });
  return { ...stopping, seen, exits };
}

test("what was started last is stopped first, each before the next", async () => {
  const { onShutdown, shutdown, seen, exits } = recorded();
  onShutdown("database", () => seen.push("database"));
  onShutdown("web", async () => {
    await new Promise((done) => setTimeout(done, 20));
    seen.push("web");
  });
  await shutdown("SIGTERM");
  expect(seen).toEqual(["stopping: SIGTERM", "web", "database"]);
  expect(exits).toEqual([0]);
});

test("a second call waits for the first and stops nothing twice", async () => {
  const { onShutdown, shutdown, seen, exits } = recorded();
  onShutdown("web", () => seen.push("web"));
  await Promise.all([shutdown("SIGTERM"), shutdown("SIGINT")]);
  expect(seen.filter((line) => line === "web")).toHaveLength(1);
  expect(exits).toEqual([0]);
});

test("one that fails or hangs is named, the others still stop, and the exit code tells", async () => {
  const { onShutdown, shutdown, seen, exits } = recorded();
  onShutdown("database", () => seen.push("database"));
  onShutdown("ingest", () => new Promise(() => {}), 10);
  onShutdown("web", () => {
    throw new Error("port is stuck");
  });
  await shutdown("SIGTERM");
  expect(seen).toEqual([
    "stopping: SIGTERM",
    "web did not stop cleanly: port is stuck",
    "ingest did not stop cleanly: ingest was still running after 10 ms",
    "database",
  ]);
  expect(exits).toEqual([1]);
});

test("what registers while the process stops is stopped as well", async () => {
  const { onShutdown, shutdown, seen } = recorded();
  onShutdown("start", () => onShutdown("late child", () => seen.push("late child")));
  await shutdown("SIGTERM");
  expect(seen).toContain("late child");
});

test("what was taken off is left alone, and the exit code asked for is kept", async () => {
  const { onShutdown, shutdown, seen, exits } = recorded();
  const takeOff = onShutdown("web", () => seen.push("web"));
  takeOff();
  await shutdown("failed", 3);
  expect(seen).toEqual([]);
  expect(exits).toEqual([3]);
});
