/**
 * The Atom feed of a Green Button file: which interval block belongs to which meter reading, and which reading type tells its
 * unit. Entries refer to each other by links only, relative or absolute, in any order. Nothing of the XML is executed:
 * no DOCTYPE, no entities, no external files.
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Parsed } from "./payload.ts";

/** An element: its children by name without namespace prefix, always lists; attributes begin with "@". */
export interface Element {
  [name: string]: (Element | string)[] | string;
}

/** What an entry holds, and where it stands: paths without host, query and outer slashes. */
export interface Resource {
  self: string;
  up: string;
  related: string[];
  body: Element;
}

export interface Feed {
  usagePoints: Resource[];
  meterReadings: Resource[];
  readingTypes: Resource[];
  intervalBlocks: Resource[];
}

const parser = new XMLParser({
  ignoreAttributes: (name) => name !== "rel" && name !== "href",
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

/** Reads the text of a feed (or of a single entry); the error is a sentence. */
export function readFeed(text: string): Parsed<Feed> {
  if (text.includes("<!DOCTYPE")) return { ok: false, error: "a DOCTYPE is not accepted" };
  let root: Element;
  try {
    const validity = XMLValidator.validate(text);
    if (validity !== true) return { ok: false, error: notXml(`${validity.err.msg} (line ${validity.err.line})`) };
    root = parser.parse(text) as Element;
  } catch (cause) {
    return { ok: false, error: notXml(cause instanceof Error ? cause.message : String(cause)) };
  }
  const feed = child(root, "feed");
  if (!feed && !child(root, "entry")) return { ok: false, error: "an Atom feed with ESPI entries is expected" };
  return { ok: true, value: sorted(children(feed ?? root, "entry")) };
}

function notXml(why: string): string {
  return `the XML is not whole: ${why.replace(/\s+/g, " ").slice(0, 160)}`;
}

function sorted(entries: readonly Element[]): Feed {
  const feed: Feed = { usagePoints: [], meterReadings: [], readingTypes: [], intervalBlocks: [] };
  const lists = {
    UsagePoint: feed.usagePoints,
    MeterReading: feed.meterReadings,
    ReadingType: feed.readingTypes,
    IntervalBlock: feed.intervalBlocks,
  };
  for (const entry of entries) {
    const links = children(entry, "link");
    const hrefs = (rel: string) => links.filter((link) => link["@rel"] === rel).map((link) => pathOf(link["@href"]));
    const place = { self: hrefs("self")[0] ?? "", up: hrefs("up")[0] ?? "", related: hrefs("related") };
    for (const content of children(entry, "content"))
      for (const [name, list] of Object.entries(lists))
        for (const body of children(content, name)) list.push({ ...place, body });
  }
  return feed;
}

/** "https://host/espi/1_1/resource/ReadingType/07?x" and "/espi/1_1/resource/ReadingType/07/" are the same place. */
function pathOf(href: unknown): string {
  if (typeof href !== "string") return "";
  const path = href.trim().replace(/^[a-z]+:\/\/[^/]*/i, "");
  return path.split(/[?#]/)[0]!.split("/").filter(Boolean).join("/");
}

/** The elements of a name; an empty one (<MeterReading/>) has no children. */
export function children(parent: Element | undefined, name: string): Element[] {
  const list = parent && Object.hasOwn(parent, name) ? parent[name] : undefined;
  return Array.isArray(list) ? list.map((element) => (typeof element === "string" ? {} : element)) : [];
}

export function child(parent: Element | undefined, name: string): Element | undefined {
  return children(parent, name)[0];
}

/** The text of the first element of a name. */
export function textIn(parent: Element | undefined, name: string): string | undefined {
  const list = parent && Object.hasOwn(parent, name) ? parent[name] : undefined;
  const first = Array.isArray(list) ? list[0] : undefined;
  return typeof first === "string" ? first : undefined;
}

/** Finds resources by their links. One feed may write a place in full and relative: the end of the path then decides. */
export class Places {
  #exact = new Map<string, Resource>();
  /** null: the ends of two places are the same. */
  #byEnd = new Map<string, Resource | null>();

  add(path: string, resource: Resource): void {
    if (path === "") return;
    this.#exact.set(path, resource);
    const end = endOf(path);
    const other = this.#byEnd.get(end);
    this.#byEnd.set(end, other === undefined || other?.self === resource.self ? resource : null);
  }

  find(path: string): Resource | undefined {
    return this.#exact.get(path) ?? this.#byEnd.get(endOf(path)) ?? undefined;
  }
}

function endOf(path: string): string {
  return /(?:^|\/)((?:UsagePoint|MeterReading|ReadingType)\/.*)$/.exec(path)?.[1] ?? path;
}
