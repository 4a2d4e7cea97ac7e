import type { AedesPublishPacket, Subscription } from "aedes";

/**
 * Each credential has a world of its own on the embedded broker: topics, retained messages and client ids carry a prefix
 * inside the broker that no client sees. `tele/plug/SENSOR` of credential c1 is `c1/tele/plug/SENSOR` within, so equal
 * client ids and topics of two tenants never meet, and `#` shows only one's own.
 */
export const inward = (namespace: string, topic: string): string => `${namespace}/${topic}`;

export const outward = (namespace: string, topic: string): string => topic.slice(namespace.length + 1);

/**
 * `$SYS` and `$share` are not offered: null refuses the subscription (SUBACK 0x80). Changes the subscription itself, because
 * aedes looks retained messages up by the one that came with the packet.
 */
export function inwardSubscription(namespace: string, subscription: Subscription): Subscription | null {
  if (subscription.topic.startsWith("$")) return null;
  return Object.assign(subscription, { topic: inward(namespace, subscription.topic) });
}

/** The packet as its subscriber may see it; null when it is not of their namespace. */
export function outwardPacket(namespace: string, packet: AedesPublishPacket): AedesPublishPacket | null {
  if (!packet.topic.startsWith(`${namespace}/`)) return null;
  return { ...packet, topic: outward(namespace, packet.topic) };
}
