import type { Stretch } from "../domain/site/quarters.ts";
import { bucketColumnsOf } from "./bucket-columns.ts";
import type { Sql } from "./client.ts";

/**
 * The means of gauges by the quarter-hour, weighted by time: NaN where nothing is known. Prices and the carbon of the grid are
 * read so. In an organization's context.
 */
export async function quarterMeansOf(
  sql: Sql,
  channelIds: readonly number[],
  stretch: Stretch,
): Promise<Map<number, Float64Array>> {
  const columns = await bucketColumnsOf(sql, channelIds, stretch, "means");
  return new Map([...columns].map(([id, { mean }]) => [id, mean]));
}
