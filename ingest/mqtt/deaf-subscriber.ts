import type { Client } from "aedes";
import type { Duplex } from "node:stream";

/**
 * What may wait in memory for one subscriber to read it; beyond it, or when it reads nothing for a minute (aedes' drainTimeout),
 * its connection is ended. It may connect again, and has lost what QoS 0 may lose. All that one credential can have retained
 * (`retained.ts`) fits.
 */
export const mostUnreadBytes = 5_000_000;
export const mostUnreadMessages = 10_000;

/** aedes' own: calls back when the socket has been read empty, or with an error when the connection is over. */
interface Writing extends Client {
  waitForDrain(callback: (error?: Error | null, client?: Client) => void): void;
}

/**
 * aedes lets a message wait for its slowest subscriber, and only a hundred messages of the whole broker may wait: one that does
 * not read would hold up every tenant's forwarding, with an unbounded queue behind it. So nobody waits here: what a subscriber
 * has not read stays in its own socket's buffer, and that has a bound.
 */
export function waitForNobody(client: Client, letGo: (client: Client) => void): void {
  const writing = client as Writing;
  const conn = client.conn as Duplex;
  const drained = writing.waitForDrain.bind(writing);
  let unread = 0;
  writing.waitForDrain = (written) => {
    if (unread++ === 0) drained(() => (unread = 0));
    const isDeaf = unread > mostUnreadMessages || conn.writableLength > mostUnreadBytes;
    if (isDeaf && !client.closed) letGo(client);
    setImmediate(written, null, client);
  };
}
