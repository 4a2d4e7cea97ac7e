import type { Send } from "./hub.server.ts";

const heartbeatMs = 15_000;
const longestMs = 30 * 60_000;
/** A browser that reads this slowly is let go; it connects again and asks for everything anew. */
const mostQueued = 500;

/**
 * A server-sent event stream. `start` gets the sender and answers how to stop. Cleaned up on the request's abort signal, which
 * fires when a browser goes away; the stream's own cancel() does not.
 */
export function eventStream(signal: AbortSignal, start: (send: Send) => Promise<() => void>): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let leave = () => {};
        let ended = false;
        const end = () => {
          if (ended) return;
          ended = true;
          clearInterval(heartbeat);
          clearTimeout(age);
          leave();
          controller.close();
        };
        const write = (text: string) => {
          if (ended) return;
          if ((controller.desiredSize ?? 0) < -mostQueued) return end();
          controller.enqueue(encoder.encode(text));
        };
        const heartbeat = setInterval(() => write(": still here\n\n"), heartbeatMs);
        const age = setTimeout(end, longestMs);
        signal.addEventListener("abort", end);
        write("retry: 2000\n\n");
        start((event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)).then((stop) => {
          if (ended) stop();
          else {
            leave = stop;
            write("event: ready\ndata: {}\n\n");
          }
        }, end);
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store, no-transform", "x-accel-buffering": "no" },
  });
}
