import type { Client } from "aedes";

/**
 * Back-pressure of one MQTT connection. A publish is unanswered until its readings are committed; above the stated number or
 * size the socket is no longer read, so the sender's own window (and then TCP) holds it back and memory stays bounded.
 * A paused socket's PINGREQ cannot be seen either, so meanwhile the broker says PINGRESP by itself and lets its own
 * keep-alive clock start anew: a device that waits for the database is not taken for a dead one. Nor is one whose backlog is read
 * piece by piece, its PINGREQ behind all of it: a pause shorter than a ping's interval counts as well.
 */
export const mostUnanswered = 500;
export const mostUnansweredBytes = 1_000_000;

/** aedes' own fields that flow control needs (aedes is pinned to an exact version; a test holds this). */
export interface Connection extends Client {
  pause(): void;
  resume(): void;
  _parsingBatch: number;
  _keepaliveTimer: NodeJS.Timeout | null;
  _keepaliveInterval: number;
}

const pingResponse = Buffer.from([0xd0, 0x00]);

export class Flow {
  #connection: Connection;
  #count = 0;
  #bytes = 0;
  #isPaused = false;
  /** Since the last ping. */
  #wasPaused = false;
  #pings: NodeJS.Timeout | null = null;
  #held: NodeJS.Timeout | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  begin(bytes: number): void {
    this.#count++;
    this.#bytes += bytes;
    // aedes itself reads on only when all of a chunk is answered, and so would not see the PINGREQ behind two held publishes.
    this.#connection._parsingBatch = 0;
    if (!this.isPaused && (this.#count >= mostUnanswered || this.#bytes >= mostUnansweredBytes)) this.#pause();
  }

  end(bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    // Half-way down before reading again, so that it does not flutter.
    this.#resumeIfDue();
  }

  /** Reads nothing more of the connection for this long: it sent more than it may. */
  hold(ms: number): void {
    if (this.#held) return;
    this.#held = setTimeout(() => {
      this.#held = null;
      this.#resumeIfDue();
    }, ms);
    if (!this.isPaused) this.#pause();
  }

  close(): void {
    if (this.#held) clearTimeout(this.#held);
    this.#stopPings();
  }

  #stopPings(): void {
    if (this.#pings) clearInterval(this.#pings);
    this.#pings = null;
  }

  #resumeIfDue(): void {
    const isLow = this.#count <= mostUnanswered / 2 && this.#bytes <= mostUnansweredBytes / 2;
    if (this.isPaused && !this.#held && isLow) this.#resume();
  }

  #pause(): void {
    const connection = this.#connection;
    connection.pause();
    this.#isPaused = this.#wasPaused = true;
    const everyMs = connection._keepaliveInterval > 0 ? Math.max(500, connection._keepaliveInterval / 3) : 15_000;
    this.#pings ??= setInterval(() => {
      if (!this.#wasPaused) return this.#stopPings();
      this.#wasPaused = this.#isPaused;
      connection._keepaliveTimer?.refresh();
      if (!connection.conn.destroyed) connection.conn.write(pingResponse);
    }, everyMs);
  }

  #resume(): void {
    this.#isPaused = false;
    if (!this.#connection.closed) this.#connection.resume();
  }
}
