import { BlockList, isIP } from "node:net";

/**
 * Which IP addresses lie in the public Internet, by IANA's special-purpose registries (RFC 6890 and its successors, 2025). What is not
 * known to be public is not: of IPv6 only global unicast (2000::/3) is, so mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), unique local
 * (fc00::/7), link-local and site-local addresses are out without being named.
 */

const notPublic4 = [
  ["0.0.0.0", 8, "this network"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "shared by a carrier (CGNAT)"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local, and where clouds keep their metadata"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "IETF protocols"],
  ["192.0.2.0", 24, "documentation"],
  ["192.31.196.0", 24, "AS112"],
  ["192.52.193.0", 24, "AMT"],
  ["192.88.99.0", 24, "6to4 relays"],
  ["192.168.0.0", 16, "private"],
  ["192.175.48.0", 24, "AS112"],
  ["198.18.0.0", 15, "benchmarks"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved, and broadcast"],
] as const;

const global6 = ["2000::", 3] as const;

const notPublic6 = [
  ["2001::", 23, "IETF protocols: Teredo, ORCHID, benchmarks"],
  ["2001:db8::", 32, "documentation"],
  ["2002::", 16, "6to4: an IPv4 address in disguise"],
  ["2620:4f:8000::", 48, "AS112"],
  ["3fff::", 20, "documentation"],
] as const;

const refused4 = new BlockList();
for (const [network, prefix] of notPublic4) refused4.addSubnet(network, prefix, "ipv4");
const unicast6 = new BlockList();
unicast6.addSubnet(...global6, "ipv6");
const refused6 = new BlockList();
for (const [network, prefix] of notPublic6) refused6.addSubnet(network, prefix, "ipv6");

/** Whether a text is the address of a host in the public Internet. What is no address at all, or names a zone (fe80::1%eth0), is none. */
export function isPublicAddress(address: string): boolean {
  if (address.includes("%")) return false;
  switch (isIP(address)) {
    case 4:
      return !refused4.check(address, "ipv4");
    case 6:
      return unicast6.check(address, "ipv6") && !refused6.check(address, "ipv6");
    default:
      return false;
  }
}
