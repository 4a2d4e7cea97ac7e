/** What an emoncms backup says about its feeds: the table `feeds` of its SQL dump names them, and tells their units. */
import { conversionOf } from "../units.ts";
import type { Feed } from "./emoncms-feed.ts";

/** A file of a backup that holds a feed's data; undefined: it holds something else. */
export function feedFile(path: string): { id: number; kind: "phpfina" | "phptimeseries" | "meta" } | undefined {
  const fina = /(?:^|\/)phpfina\/(\d+)\.(dat|meta)$/.exec(path);
  if (fina) return { id: Number(fina[1]), kind: fina[2] === "meta" ? "meta" : "phpfina" };
  const series = /(?:^|\/)phptimeseries\/feed_(\d+)\.MYD$/.exec(path);
  return series ? { id: Number(series[1]), kind: "phptimeseries" } : undefined;
}

/** The feeds of a dump by their ids, named tag.name; empty where the dump has no such table. */
export function feedsOfDump(sql: string): Map<number, Feed> {
  const feeds = new Map<number, Feed>();
  const table = /CREATE TABLE `feeds` \(([\s\S]*?)\n\)/.exec(sql)?.[1];
  if (table === undefined) return feeds;
  const columns = [...table.matchAll(/^\s*`(\w+)`/gm)].map((match) => match[1]!);
  for (const [, tuples] of sql.matchAll(/INSERT INTO `feeds` VALUES\s*([\s\S]*?);\s*(?:\n|$)/g)) {
    for (const values of tuplesOf(tuples!)) {
      const row = new Map(columns.map((column, i) => [column, values[i] ?? ""]));
      const id = Number(row.get("id"));
      const metric = [row.get("tag"), row.get("name")].filter(Boolean).join(".");
      const unit = row.get("unit") ?? "";
      if (id && metric) feeds.set(id, { metric, unit: conversionOf(unit) ? unit : null });
    }
  }
  return feeds;
}

/** "(1,'a'),(2,'b\'c')": the values of each tuple as texts; NULL is empty. */
function tuplesOf(text: string): string[][] {
  const tuples: string[][] = [];
  const value = /\s*(?:'((?:[^'\\]|\\.|'')*)'|([^,()']*))\s*([,)])/y;
  for (let at = text.indexOf("("); at >= 0; at = text.indexOf("(", at)) {
    value.lastIndex = at + 1;
    const values: string[] = [];
    for (let match = value.exec(text); match; match = value.exec(text)) {
      const [, quoted, bare = "", end] = match;
      const plain = bare.trim() === "NULL" ? "" : bare.trim();
      values.push(quoted === undefined ? plain : quoted.replace(/\\(.)/g, "$1").replace(/''/g, "'"));
      at = value.lastIndex;
      if (end === ")") break;
    }
    if (!values.length) break;
    tuples.push(values);
  }
  return tuples;
}
