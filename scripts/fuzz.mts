/**
 * The long run of the decoders' fuzz tests: npx tsx scripts/fuzz.mts --inputs 1000000 --seed 7. (The front doors' is
 * ENERGY_FUZZ_INPUTS=20000 npx vitest run --project integration tests/integration/fuzz-front-doors.test.ts.) The work is done in a second process, so
 * that a decoder that never comes back is seen: when nothing is heard of it for a minute it is ended, and the run fails.
 * A fault is run again by its seed and chain: --seed 7 --chain 4711.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fuzzDecoders, runChain, type Fault, type Progress } from "../tests/fuzz/run.ts";

const silenceMs = 60_000;
/** What the heap may grow by from a tenth of the run to its end. */
const growthMb = 30;

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    chain: { type: "string" },
    worker: { type: "boolean", default: false },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);

function heapMb(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
}

function report(faults: readonly Fault[]): void {
  for (const { what, chain, format, message } of faults)
    console.log(`\nFAULT in ${format} (--seed ${seed} --chain ${chain}): ${what}\n${message}`);
}

function work(): boolean {
  const started = performance.now();
  const first = heapMb();
  let next = inputs / 10;
  let warm: number | undefined;
  const say = ({ inputs: done, readings, slowestMs }: Progress, heap: number): void =>
    console.log(
      `${done} inputs, ${readings} readings, slowest ${Math.round(slowestMs)} ms, heap ${heap} MB, ${Math.round((performance.now() - started) / 1000)} s`,
    );
  const result = fuzzDecoders(inputs, seed, (progress) => {
    process.send?.("alive");
    if (progress.inputs < next) return;
    next += inputs / 10;
    const heap = heapMb();
    warm ??= heap;
    say(progress, heap);
  });
  const last = heapMb();
  report(result.faults);
  console.log(`heap: ${first} MB at the start, ${warm ?? first} MB after a tenth, ${last} MB at the end`);
  for (const [format, count] of [...result.byFormat].sort()) console.log(`${format.padEnd(18)}${count}`);
  const hasGrown = last - (warm ?? first) > growthMb;
  if (hasGrown) console.log("The heap has grown: something is kept that should not be.");
  console.log(`${result.faults.length} faults in ${result.inputs} inputs, seed ${seed}`);
  return result.faults.length === 0 && !hasGrown;
}

function runOneChain(chain: number): boolean {
  const progress: Progress = { inputs: 0, readings: 0, slowestMs: 0, byFormat: new Map(), faults: [] };
  runChain(seed, chain, progress);
  report(progress.faults);
  return progress.faults.length === 0;
}

function watch(): void {
  const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), "--worker"]);
  let heardMs = Date.now();
  const watchdog = setInterval(() => {
    if (Date.now() - heardMs < silenceMs) return;
    console.log(`Nothing was heard for ${silenceMs / 1000} s: a decode hangs (seed ${seed}).`);
    child.kill("SIGKILL");
  }, 1000);
  child.on("message", () => (heardMs = Date.now()));
  child.on("exit", (code) => {
    clearInterval(watchdog);
    process.exitCode = code ?? 1;
  });
}

if (values.chain !== undefined) process.exitCode = runOneChain(Number(values.chain)) ? 0 : 1;
else if (values.worker) {
  process.exitCode = work() ? 0 : 1;
  process.disconnect();
} else watch();
