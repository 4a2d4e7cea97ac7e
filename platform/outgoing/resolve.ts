import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import type { Target } from "./target.ts";

/** Says which addresses a name has. @throws Error when it has none. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<string[]>;

/**
 * Asks the name servers themselves. Not the operating system: that would believe /etc/hosts, and a name server that does not answer
 * would keep a thread of four that the whole process shares. @param servers instead of the system's, as `127.0.0.1:53`
 */
export const resolverAt =
  (servers?: readonly string[]): Resolve =>
  async (hostname, signal) => {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (servers) resolver.setServers(servers);
    signal.addEventListener("abort", () => resolver.cancel(), { once: true });
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (!found.length) throw new Error("the name has no address");
    return found;
  };

const resolvePublic = resolverAt();

/** As the operating system knows it: names of a home network (`homeassistant.local`) are in no name server. */
export const resolveAtHome: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/** All addresses of a target, in the order of the answer. */
export async function addressesOf(
  { url, isAllowed }: Target,
  signal: AbortSignal,
  resolve?: Resolve,
): Promise<string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host)) return [host];
  return (resolve ?? (isAllowed ? resolveAtHome : resolvePublic))(host, signal);
}
