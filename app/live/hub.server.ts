import { admittedTo } from "../../db/admission.ts";
import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import { devicesOfSite } from "../../db/devices.ts";
import { latestOf } from "../../db/latest.ts";
import { listen, type Listener, type LiveEvent } from "../../db/live.ts";
import { log } from "../../platform/log.ts";
import { frame, type Send } from "./event-stream.server.ts";

/**
 * One LISTEN, many browsers. A notification carries ids of every tenant; what changed is read once for all browsers of a site,
 * in the organization's own context, so a browser never sees what is not its own.
 *
 * Events: `latest` {values: [[channelId, timeMs, value], …]}, `rollups` {channels: [id, …]}, `device` {id}, and `refresh` when
 * notifications may have been missed.
 */
interface Room {
  organizationId: string;
  siteId: string;
  browsers: Set<Send>;
  /** Channels of the site; null: to be read anew. */
  channels: Promise<ReadonlySet<number>> | null;
  changed: Set<number>;
  isReading: boolean;
  rolledUp: Set<number>;
  rollupsTimer: NodeJS.Timeout | null;
  lastRollupsMs: number;
}

/** Roll-ups follow one another closely; a page reloads its charts for them. */
const rollupsEveryMs = 2_000;

class Hub {
  #rooms = new Map<string, Room>();
  #askers = new Map<string, Set<() => void>>();
  #listener: Promise<Listener> | null = null;

  /** Sends a site's events to a browser until the returned function is called. The caller has proved the membership. */
  async join(organizationId: string, siteId: string, send: Send): Promise<() => void> {
    await (this.#listener ??= this.#listen());
    const key = `${organizationId} ${siteId}`;
    const room = this.#rooms.get(key) ?? newRoom(organizationId, siteId);
    this.#rooms.set(key, room);
    room.browsers.add(send);
    await this.#channels(room);
    return () => {
      room.browsers.delete(send);
      if (room.browsers.size) return;
      if (room.rollupsTimer) clearTimeout(room.rollupsTimer);
      if (this.#rooms.get(key) === room) this.#rooms.delete(key);
    };
  }

  /** Calls back when the access of this person or API key may have changed, until the returned function is called. */
  onAccessChange(of: string, ask: () => void): () => void {
    const asking = this.#askers.get(of) ?? new Set();
    this.#askers.set(of, asking.add(ask));
    return () => {
      asking.delete(ask);
      if (!asking.size && this.#askers.get(of) === asking) this.#askers.delete(of);
    };
  }

  /** How many browsers listen. */
  get size(): number {
    return [...this.#rooms.values()].reduce((sum, room) => sum + room.browsers.size, 0);
  }

  /** Ends the LISTEN; whoever joins later begins it anew. */
  async close(): Promise<void> {
    const listener = await this.#listener;
    this.#listener = null;
    await listener?.close();
  }

  async #listen(): Promise<Listener> {
    try {
      return await listen(
        (event) => this.#hear(event),
        () => this.#missed(),
      );
    } catch (error) {
      this.#listener = null;
      throw error;
    }
  }

  #hear({ latest, rollups, devices, access = [] }: LiveEvent): void {
    for (const id of access) for (const ask of this.#askers.get(id) ?? []) ask();
    for (const room of this.#rooms.values()) {
      if (latest) this.#values(room, latest);
      if (rollups) this.#rollups(room, rollups);
      if (devices) this.#devices(room, devices);
    }
  }

  /** The connection was gone for a while: everybody looks again. */
  #missed(): void {
    for (const asking of this.#askers.values()) for (const ask of asking) ask();
    for (const room of this.#rooms.values()) {
      room.channels = null;
      tell(room, frame("refresh", {}));
    }
  }

  #values(room: Room, ids: readonly number[]): void {
    for (const id of ids) room.changed.add(id);
    if (!room.isReading) void this.#read(room);
  }

  // While one read is under way, what changes gathers for the next: no delay when it is calm, few queries when it is not.
  async #read(room: Room): Promise<void> {
    room.isReading = true;
    try {
      while (room.changed.size && room.browsers.size) {
        const changed = [...room.changed];
        room.changed.clear();
        const channels = await this.#channels(room);
        const ids = changed.filter((id) => channels.has(id));
        if (!ids.length) continue;
        const values = await inside(room, () => asOrganization(room.organizationId, (sql) => latestOf(sql, ids)));
        if (values.length) tell(room, frame("latest", { values }));
      }
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "live values could not be read");
    } finally {
      room.isReading = false;
      room.changed.clear();
    }
  }

  #channels(room: Room): Promise<ReadonlySet<number>> {
    return (room.channels ??= inside(room, () =>
      asOrganization(room.organizationId, async (sql) => {
        const rows = await channelsOf(sql, { siteId: room.siteId, withInbox: true });
        return new Set(rows.map((row) => row.id));
      }),
    ).catch((error: Error) => {
      room.channels = null;
      throw error;
    }));
  }

  #rollups(room: Room, ids: readonly number[]): void {
    for (const id of ids) room.rolledUp.add(id);
    const waitMs = Math.max(0, room.lastRollupsMs + rollupsEveryMs - Date.now());
    room.rollupsTimer ??= setTimeout(() => void this.#tellRollups(room), waitMs);
  }

  async #tellRollups(room: Room): Promise<void> {
    room.rollupsTimer = null;
    const ids = [...room.rolledUp];
    room.rolledUp.clear();
    try {
      const known = await this.#channels(room);
      const channels = ids.filter((id) => known.has(id));
      if (!channels.length) return;
      room.lastRollupsMs = Date.now();
      tell(room, frame("rollups", { channels }));
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "news of roll-ups could not be passed on");
    }
  }

  #devices(room: Room, ids: readonly string[]): void {
    room.channels = null;
    inside(room, () => devicesOfSite(room.organizationId, room.siteId, ids)).then(
      (own) => own.forEach((id) => tell(room, frame("device", { id }))),
      (error: Error) => log.warn({ reason: error.message }, "a device's news could not be passed on"),
    );
  }
}

const newRoom = (organizationId: string, siteId: string): Room => ({
  organizationId,
  siteId,
  browsers: new Set(),
  channels: null,
  changed: new Set(),
  isReading: false,
  rolledUp: new Set(),
  rollupsTimer: null,
  lastRollupsMs: 0,
});

/** What a room reads is of its site and nothing else, whoever's request happened to set the reading off. */
const inside = <T>({ organizationId, siteId }: Room, work: () => Promise<T>): Promise<T> =>
  admittedTo(organizationId, [siteId], work);

function tell(room: Room, text: string): void {
  for (const send of room.browsers) send(text);
}

const key = Symbol.for("energy.live-hub");
const holder = globalThis as { [key]?: Hub };

/** The process's hub: one, however often this module is loaded. */
export const hub = (): Hub => (holder[key] ??= new Hub());
