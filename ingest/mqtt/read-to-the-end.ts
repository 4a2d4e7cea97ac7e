import type { Socket } from "node:net";

type Done = (error?: Error | null) => void;

/**
 * Node ends a socket at the first write that fails, and with it what has arrived and is not read. Of a broker that was killed these
 * are messages that it acknowledged to their devices and that nobody else has. So a failed write is passed over in silence: the
 * reading side comes to what is last, and says itself that the connection has ended.
 * @returns the same socket, TCP or TLS.
 */
export function readToTheEnd<S extends Socket>(socket: S): S {
  let isBroken = false;
  const quietly = <Data extends unknown[]>(write: (...args: [...Data, Done]) => void, args: [...Data, Done]): void => {
    const done = args.pop() as Done;
    if (isBroken) return done();
    write.call(socket, ...(args as unknown as Data), (error?: Error | null) => {
      isBroken ||= Boolean(error);
      done();
    });
  };
  const { _write, _writev } = socket;
  socket._write = (...args) => quietly(_write, args);
  if (_writev) socket._writev = (...args) => quietly(_writev, args);
  return socket;
}
