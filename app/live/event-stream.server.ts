/** A server-sent event, ready for the wire. */
export const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** What `frame` was made of. */
export function readFrame(text: string): { event: string; data: unknown } {
  const [, event, data] = /^event: (.+)\ndata: (.+)\n\n$/.exec(text)!;
  return { event: event!, data: JSON.parse(data!) as unknown };
}

/** Takes frames for one browser. */
export type Send = (frame: string) => void;

export interface EventStreamOptions {
  /** The request's own signal. */
  signal: AbortSignal;
  /** Gets the sender; answers how to stop. */
  start: (send: Send) => Promise<() => void>;
  /** Bytes that this browser has not taken yet: the response does not hold back who writes into it. */
  unsentBytes?: () => number;
  /** Asked once a minute, for what ends with time: whether this person may still see this. */
  isStillAllowed?: () => Promise<boolean>;
  /** Has it asked at once when their access changes; answers how to stop. */
  onAccessChange?: (ask: () => void) => () => void;
}

const beatMs = 15_000;
const checkMs = 60_000;
const longestMs = 30 * 60_000;
/** A browser that reads this slowly is let go; it connects again and asks for everything anew. */
const mostUnsentBytes = 512 * 1024;

/**
 * An endless response of events: `ready` once it listens, `beat` every 15 s, and what `start` sends. It ends after half an hour,
 * or when the browser reads too slowly or may not see it any more; browsers connect again by themselves. Everything is cleaned
 * up on the request's abort signal, because nobody calls the stream's cancel() when a browser goes away.
 */
export function eventStream(options: EventStreamOptions): Response {
  const stream = new ReadableStream<Uint8Array>(
    { start: (controller) => run(controller, options) },
    { highWaterMark: 1 },
  );
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

function run(
  controller: ReadableStreamDefaultController<Uint8Array>,
  { signal, start, unsentBytes = () => 0, isStillAllowed, onAccessChange }: EventStreamOptions,
): void {
  const encoder = new TextEncoder();
  const timers: NodeJS.Timeout[] = [];
  let leave: () => void = () => {};
  let stopAsking: () => void = () => {};
  let hasEnded = false;
  let queued = 0;
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener("abort", end);
    stopAsking();
    leave();
    controller.close();
  };
  const write: Send = (text) => {
    if (hasEnded) return;
    // The queue of the stream itself counts chunks: what waits there has not reached the response yet.
    queued = (controller.desiredSize ?? 1) >= 1 ? text.length : queued + text.length;
    if (queued + unsentBytes() > mostUnsentBytes) return end();
    controller.enqueue(encoder.encode(text));
  };
  if (signal.aborted) return end();
  signal.addEventListener("abort", end);
  timers.push(
    setInterval(() => write("event: beat\ndata: {}\n\n"), beatMs),
    setTimeout(end, longestMs),
  );
  if (isStillAllowed) {
    const ask = () => void isStillAllowed().then((is) => is || end(), end);
    timers.push(setInterval(ask, checkMs));
    if (onAccessChange) stopAsking = onAccessChange(ask);
  }
  write("retry: 2000\n\n");
  start(write).then((stop) => {
    if (hasEnded) return stop();
    leave = stop;
    write(frame("ready", {}));
  }, end);
}
