/** Lists are read in pages: each goes on after the last row of the one before, in the order of creation. */
export interface Position {
  /** As Postgres writes it, with its microseconds: a Date would lose them, and rows with them. */
  createdAt: string;
  id: string;
}

export interface PageQuery {
  /** null: from the beginning. */
  after: Position | null;
  limit: number;
}

export interface Page<T, P = Position> {
  items: T[];
  /** Where the next page begins; null: this is the last one. */
  next: P | null;
}

/** A page from rows that were read with one more than `limit`. */
export function pageOf<T extends { id: string }>(rows: readonly (T & { position: string })[], limit: number): Page<T> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const items = rows.slice(0, limit).map(({ position: _, ...item }) => item as unknown as T);
  return { items, next: last ? { createdAt: last.position, id: last.id } : null };
}
