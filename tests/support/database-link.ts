import { connect, createServer, type Socket } from "node:net";
import { readToTheEnd } from "../../ingest/mqtt/read-to-the-end.ts";

/** A cable between a process and its database that can be pulled. */
export interface DatabaseLink {
  /** The database's address by way of this link. */
  url: string;
  /** Ends all connections; new ones are refused. */
  cut(): Promise<void>;
  /** Nothing happens when it is not cut. */
  restore(): Promise<void>;
}

/** Reads along on one connection: what goes to the server, and what comes back. */
export interface Watch {
  onward(chunk: Buffer): void;
  back(chunk: Buffer): void;
}

/** `watch` is called for each connection. */
export async function linkTo(databaseUrl: string, watch?: () => Watch): Promise<DatabaseLink> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let port = 0;
  let server = createServer(pass);

  function pass(socket: Socket): void {
    // What has come through still arrives, as on a real network.
    readToTheEnd(socket);
    const onward = readToTheEnd(connect(Number(target.port || 5432), target.hostname));
    const watching = watch?.();
    if (watching) {
      socket.on("data", (chunk) => watching.onward(chunk));
      onward.on("data", (chunk) => watching.back(chunk));
    }
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroySoon();
      });
      one.pipe(other);
    }
  }

  const listen = () => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen();
  port = (server.address() as { port: number }).port;
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    async cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
    async restore() {
      if (server.listening) return;
      server = createServer(pass);
      await listen();
    },
  };
}
