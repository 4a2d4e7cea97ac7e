import { asOrganization } from "../../db/as-organization.ts";
import { channelsOf } from "../../db/channels.ts";
import { devicesOfSite } from "../../db/devices.ts";
import { latestOf } from "../../db/latest.ts";
import { listen, type LiveEvent, type Listener } from "../../db/live.ts";
import { log } from "../../platform/log.ts";

/**
 * One LISTEN, many browsers. What changed is read once for all browsers of a site, in the organization's own context, so a
 * browser never sees what is not its own.
 */
export type Send = (event: string, data: unknown) => void;

interface Room {
  organizationId: string;
  siteId: string;
  browsers: Set<Send>;
  /** Channels of the site; null: to be read anew. */
  channels: Set<number> | null;
  changed: Set<number>;
  isReading: boolean;
}

class Hub {
  #rooms = new Map<string, Room>();
  #listener: Promise<Listener> | null = null;

  /** Sends a site's events to a browser until the returned function is called. */
  async join(organizationId: string, siteId: string, send: Send): Promise<() => void> {
    await (this.#listener ??= this.#listen());
    const room = this.#rooms.get(siteId) ?? this.#open(organizationId, siteId);
    room.browsers.add(send);
    await this.#known(room);
    return () => {
      room.browsers.delete(send);
      if (!room.browsers.size) this.#rooms.delete(siteId);
    };
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

  #open(organizationId: string, siteId: string): Room {
    const room: Room = { organizationId, siteId, browsers: new Set(), channels: null, changed: new Set(), isReading: false };
    this.#rooms.set(siteId, room);
    return room;
  }

  #hear({ latest, rollups, devices }: LiveEvent): void {
    for (const room of this.#rooms.values()) {
      if (latest) this.#values(room, latest);
      if (rollups) this.#rolledUp(room, rollups);
      if (devices) this.#devices(room, devices);
    }
  }

  /** The connection was gone for a while: everybody looks again. */
  #missed(): void {
    for (const room of this.#rooms.values()) {
      room.channels = null;
      for (const send of room.browsers) send("refresh", {});
    }
  }

  #values(room: Room, ids: readonly number[]): void {
    for (const id of ids) if (!room.channels || room.channels.has(id)) room.changed.add(id);
    if (room.changed.size && !room.isReading) void this.#read(room);
  }

  // While one read is under way, what changes gathers for the next.
  async #read(room: Room): Promise<void> {
    room.isReading = true;
    try {
      while (room.changed.size && room.browsers.size) {
        const channels = await this.#known(room);
        const ids = [...room.changed].filter((id) => channels.has(id));
        room.changed.clear();
        if (!ids.length) continue;
        const values = await asOrganization(room.organizationId, (sql) => latestOf(sql, ids));
        for (const send of room.browsers) send("latest", { values });
      }
    } catch (error) {
      log.warn({ reason: (error as Error).message }, "live values could not be read");
      room.changed.clear();
    } finally {
      room.isReading = false;
    }
  }

  async #known(room: Room): Promise<Set<number>> {
    if (room.channels) return room.channels;
    const rows = await asOrganization(room.organizationId, (sql) => channelsOf(sql, { siteId: room.siteId }));
    return (room.channels = new Set(rows.map((row) => row.id)));
  }

  #rolledUp(room: Room, ids: readonly number[]): void {
    const own = ids.filter((id) => room.channels?.has(id));
    if (own.length) for (const send of room.browsers) send("rollups", { channels: own });
  }

  #devices(room: Room, ids: readonly string[]): void {
    room.channels = null;
    devicesOfSite(room.organizationId, room.siteId, ids).then(
      (own) => {
        for (const id of own) for (const send of room.browsers) send("device", { id });
      },
      (error: Error) => log.warn({ reason: error.message }, "a device's news could not be passed on"),
    );
  }
}

const key = Symbol.for("energy.live-hub");
const holder = globalThis as { [key]?: Hub };

/** The process's hub: one, however often this module is loaded. */
export const hub = (): Hub => (holder[key] ??= new Hub());
