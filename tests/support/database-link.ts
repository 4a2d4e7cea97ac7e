import { connect, createServer, type Socket } from "node:net";

/** A cable between a process and its database that can be pulled. */
export interface DatabaseLink {
  /** The database's address by way of this link. */
  url: string;
  /** Ends all connections; new ones are refused. */
  cut(): Promise<void>;
  /** Nothing happens when it is not cut. */
  restore(): Promise<void>;
}

export async function linkTo(databaseUrl: string): Promise<DatabaseLink> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let port = 0;
  let server = createServer(pass);

  function pass(socket: Socket): void {
    const onward = connect(Number(target.port || 5432), target.hostname);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
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
