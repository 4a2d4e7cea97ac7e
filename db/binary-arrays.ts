/**
 * Arrays as Postgres sends and takes them in its binary format (array_recv): a Buffer is passed by the driver as it is. A batch
 * costs a third of the time that its texts would, on both sides, and every double arrives as it is.
 */
const oids = { bytea: 17, int4: 23, float8: 701, timestamptz: 1184 };
const headerBytes = 20;

/** `int4[]` */
export function int4Array(values: readonly number[]): Buffer {
  const bytes = header(values.length, oids.int4, 8, false);
  let at = headerBytes;
  for (const value of values) {
    bytes.writeInt32BE(4, at);
    bytes.writeInt32BE(value, at + 4);
    at += 8;
  }
  return bytes;
}

/** `float8[]` */
export function float8Array(values: readonly (number | null)[]): Buffer {
  const bytes = header(values.length, oids.float8, 12, values.includes(null));
  let at = headerBytes;
  for (const value of values) {
    bytes.writeInt32BE(value === null ? -1 : 8, at);
    at += 4;
    if (value === null) continue;
    // Minus zero is zero.
    bytes.writeDoubleBE(value + 0, at);
    at += 8;
  }
  return bytes.subarray(0, at);
}

/** `bytea[]` */
export function byteaArray(values: readonly (Buffer | null)[]): Buffer {
  const parts = values.map((value) => {
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(value?.length ?? -1);
    return value ? [length, value] : [length];
  });
  return Buffer.concat([header(values.length, oids.bytea, 0, values.includes(null)), ...parts.flat()]);
}

/** What Postgres counts microseconds from: 2000-01-01, in epoch milliseconds. */
const origin = 946_684_800_000;

/** `timestamptz[]` of epoch milliseconds, to the microsecond. */
export function timestampArray(timesMs: readonly number[]): Buffer {
  const bytes = header(timesMs.length, oids.timestamptz, 12, false);
  let at = headerBytes;
  for (const timeMs of timesMs) {
    const microseconds = Math.round((timeMs - origin) * 1_000);
    const high = Math.floor(microseconds / 2 ** 32);
    bytes.writeInt32BE(8, at);
    bytes.writeInt32BE(high, at + 4);
    bytes.writeUInt32BE(microseconds - high * 2 ** 32, at + 8);
    at += 12;
  }
  return bytes;
}

/** One dimension that begins at 1; none at all when it is empty. */
function header(length: number, oid: number, bytesEach: number, hasNull: boolean): Buffer {
  if (length === 0) {
    const empty = Buffer.alloc(12);
    empty.writeInt32BE(oid, 8);
    return empty;
  }
  const bytes = Buffer.allocUnsafe(headerBytes + length * bytesEach);
  bytes.writeInt32BE(1, 0);
  bytes.writeInt32BE(Number(hasNull), 4);
  bytes.writeInt32BE(oid, 8);
  bytes.writeInt32BE(length, 12);
  bytes.writeInt32BE(1, 16);
  return bytes;
}

/**
 * What is selected of an array so that `microsIn` and `float8sIn` read it: its binary format, as a text, which is all that the
 * driver hands on. A long one is made and read in half the time that its numbers' texts take.
 */
export const sentArray = (expression: string): string => `encode(array_send(${expression}), 'base64')`;

let scratch = Buffer.alloc(65_536);
let view = new DataView(scratch.buffer, scratch.byteOffset);

/** Decodes into `scratch`, which the next call overwrites. @returns how many elements there are. */
function receive(sent: string): number {
  if (sent.length > scratch.length) {
    scratch = Buffer.alloc(sent.length * 2);
    view = new DataView(scratch.buffer, scratch.byteOffset);
  }
  const length = scratch.write(sent, "base64");
  return length < headerBytes ? 0 : view.getInt32(12);
}

/** A `timestamptz[]` without nulls that `sentArray` selected, as whole microseconds since 1970. */
export function microsIn(sent: string): number[] {
  const length = receive(sent);
  const micros = new Array<number>(length);
  for (let i = 0, at = headerBytes + 4; i < length; i++, at += 12)
    micros[i] = view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4) + origin * 1_000;
  return micros;
}

/** A `float8[]` without nulls that `sentArray` selected. */
export function float8sIn(sent: string): number[] {
  const length = receive(sent);
  const values = new Array<number>(length);
  for (let i = 0, at = headerBytes + 4; i < length; i++, at += 12) values[i] = view.getFloat64(at);
  return values;
}

/** A `timestamptz[]` without nulls that `sentArray` selected: epoch milliseconds, to the bit what `date_part('epoch', …) * 1000` gives. */
export const millisIn = (sent: string): number[] => microsIn(sent).map((micros) => (micros / 1e6) * 1_000);
