import { z } from "zod";

/**
 * What webhooks tell: each type of event, and what its `data` hold. A type never changes its shape; what is new is a field more, or a
 * type of its own. A new one is a line here, and a call of `announce` (db/announce.ts) where it happens.
 */

const id = z.uuid();
const device = { deviceId: id, deviceName: z.string(), siteId: id };
const quota = z.object({
  quota: z.enum(["devices", "channels", "members", "readings"]),
  used: z.number(),
  most: z.number(),
});
/** Who they are; null: the account is deleted. */
const member = z.object({
  userId: id,
  email: z.string().nullable(),
  role: z.enum(["owner", "admin", "operator", "viewer"]),
});
const imported = {
  importId: id,
  ...{ deviceId: id, siteId: id, fileName: z.string() },
  /** Readings. */
  stored: z.number(),
  refused: z.number(),
};

export const events = {
  "device.silent": {
    about: "A device is quiet for longer than its rhythm allows, or said that it goes offline",
    data: z.object({
      ...device,
      presence: z.enum(["silent", "offline"]),
      /** Of its newest reading's arrival. */
      lastHeardAt: z.iso.datetime(),
    }),
  },
  "device.back": {
    about: "A device that was silent is heard again",
    data: z.object({ ...device, silentSince: z.iso.datetime() }),
  },
  "device.found": {
    about: "A gateway speaks for a device that nobody has accepted yet: it waits in the inbox",
    data: z.object({ ...device, gatewayId: id }),
  },
  "usage.near": { about: "80 % of what the plan has of something is used", data: quota },
  "usage.full": { about: "All that the plan has of something is used", data: quota },
  "member.joined": { about: "Somebody became a member", data: member },
  "member.removed": { about: "Somebody is a member no more", data: member },
  "import.finished": { about: "A file with history is imported", data: z.object(imported) },
  "import.failed": {
    about: "A file with history could not be imported",
    data: z.object({ ...imported, error: z.string() }),
  },
  "export.finished": {
    about: "An export of everything is ready to be downloaded",
    data: z.object({ exportId: id, bytes: z.number() }),
  },
  "export.failed": {
    about: "An export of everything could not be written",
    data: z.object({ exportId: id, error: z.string() }),
  },
  "webhook.test": { about: "Somebody asked for a test", data: z.object({ webhookId: id, name: z.string() }) },
} as const;

export type EventType = keyof typeof events;
export type EventData<T extends EventType> = z.infer<(typeof events)[T]["data"]>;

export const eventTypes = Object.keys(events) as EventType[];
/** What a webhook can be told; a test is sent to the one that is tested. */
export const chosenTypes = eventTypes.filter((type) => type !== "webhook.test");

/** A message as it is sent, and what its JSON Schema is made from. */
const bodySchema = (type: EventType) =>
  z.object({ type: z.literal(type), timestamp: z.iso.datetime(), data: events[type].data });

/** JSON Schema (2020-12) of the body of a type. */
export const eventJsonSchema = (type: EventType) => z.toJSONSchema(bodySchema(type));

/** The body of a message, byte by byte what is signed. `timestamp` is when it happened, whenever it is sent. */
export const eventBody = (type: EventType, { occurredAt, data }: { occurredAt: Date; data: unknown }): string =>
  JSON.stringify({ type, timestamp: occurredAt.toISOString(), data });

/** Whether a body is as the schema of its type has it: for tests, and for receivers who read this file. */
export const isEventBody = (type: EventType, body: unknown): boolean => bodySchema(type).safeParse(body).success;

/** An example of each type's data, for the documentation. */
export const eventExample: { [T in EventType]: EventData<T> } = (() => {
  const [deviceId, siteId, other] = ["1b", "2c", "3d"].map((start) => `${start}7a9c5e-0f1d-4c2b-9a3e-6d5f4b3c2a10`) as [
    string,
    string,
    string,
  ];
  const heat = { deviceId, deviceName: "Heat pump", siteId };
  const limit = { quota: "devices" as const, used: 800, most: 1_000 };
  const anna = { userId: other, email: "anna@example.org", role: "operator" as const };
  const file = { importId: other, deviceId, siteId, fileName: "2025.csv", stored: 35_040, refused: 2 };
  return {
    "device.silent": { ...heat, presence: "silent", lastHeardAt: "2026-03-01T11:40:00.000Z" },
    "device.back": { ...heat, silentSince: "2026-03-01T11:50:00.000Z" },
    "device.found": { ...heat, gatewayId: other },
    "usage.near": limit,
    "usage.full": { ...limit, used: 1_000 },
    "member.joined": anna,
    "member.removed": anna,
    "import.finished": file,
    "import.failed": { ...file, stored: 0, error: "The file has no column of times." },
    "export.finished": { exportId: other, bytes: 1_482_911 },
    "export.failed": { exportId: other, error: "It could not be written; the reason is in the log." },
    "webhook.test": { webhookId: other, name: "Home Assistant" },
  };
})();
