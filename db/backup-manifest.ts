import { z } from "zod";

/** A backup that cannot be made, read or restored. The message is one sentence that says what is wrong and what to do. */
export class BackupError extends Error {
  readonly expected = true;
  override name = "BackupError";
}

/** Raised when a reader of an older version would misunderstand an archive. */
export const format = 1;
export const product = "energy-tracking";

const appliedMigration = z.object({ name: z.string(), checksum: z.string() });
const table = z.object({ schema: z.string(), name: z.string(), columns: z.array(z.string()).min(1) });

/** manifest.json, the first entry of an archive: what is in it, and what of it is needed to read the rest. */
export const manifest = z.object({
  product: z.literal(product),
  format: z.literal(format),
  /** Of the program that made it. */
  version: z.string(),
  /** The instant that the archive shows, ISO 8601. */
  takenAt: z.iso.datetime(),
  engine: z.string(),
  postgres: z.string(),
  migrations: z.array(appliedMigration).min(1),
  tables: z.array(table).min(1),
  notIncluded: z.array(z.object({ what: z.string(), why: z.string() })),
});

const sequence = z.object({
  schema: z.string(),
  name: z.string(),
  value: z.string().regex(/^-?\d+$/),
  isCalled: z.boolean(),
});
const channelEnergy = z.object({
  channelId: z.number(),
  buckets: z.number(),
  energyKwh: z.number(),
  reverseKwh: z.number(),
  estimatedKwh: z.number(),
  coveredS: z.number(),
});

/** contents.json, the last entry: what was written, to compare with what is read and with what is restored. */
export const contents = z.object({
  tables: z.array(z.object({ name: z.string(), rows: z.number(), bytes: z.number(), sha256: z.string() })),
  /** Files of messages that waited for the database. */
  spool: z.array(z.object({ name: z.string().regex(/^[\w.-]+$/), bytes: z.number(), sha256: z.string() })),
  sequences: z.array(sequence),
  /** Times of the first and the last reading, as Postgres writes them; null: there are none. */
  readings: z.object({ from: z.string(), to: z.string() }).nullable(),
  /** Sums of the stored buckets (rows and packed days) of each channel. */
  energy: z.array(channelEnergy),
});

export type Manifest = z.infer<typeof manifest>;
export type Contents = z.infer<typeof contents>;
export type AppliedMigration = z.infer<typeof appliedMigration>;
export type Table = z.infer<typeof table>;
export type SequenceValue = z.infer<typeof sequence>;
export type ChannelEnergy = z.infer<typeof channelEnergy>;

/** `telemetry.readings`: how a table is called in an archive. */
export const tableName = ({ schema, name }: { schema: string; name: string }): string => `${schema}.${name}`;
