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
  if (!packet.topic.startsWith(`${namespace}/`) || packet.topic === inward(namespace, unroutable)) return null;
  return { ...packet, topic: outward(namespace, packet.topic) };
}

/** aedes' router takes 100 levels at most, and the namespace is one of them. */
const deepestTopic = 99;
/** Under this topic, which nobody can subscribe to, goes on what had a topic that the router would not survive. */
const unroutable = "$unroutable";

type Published = { cmd: string; topic?: string; givenTopic?: string };

/**
 * Takes a topic with too many levels out of a PUBLISH before aedes sees it: aedes ends the connection over it without an
 * acknowledgement, and a sender that repeats what was not acknowledged would never get on. `givenTopic` gives it back.
 */
export function setAsideDeepTopic(packet: Published): void {
  if (packet.cmd !== "publish" || !packet.topic || levelsOf(packet.topic) <= deepestTopic) return;
  packet.givenTopic = packet.topic;
  packet.topic = unroutable;
}

/** The topic as the client gave it. */
export const givenTopic = (packet: Published): string => packet.givenTopic ?? packet.topic ?? "";

/** What is wrong with a topic that is longer than `longest` characters or too deep; null: nothing. */
export function topicFault(topic: string, longest: number): string | null {
  if (topic.length > longest) return `the topic has ${topic.length} characters, at most ${longest} are taken`;
  const levels = levelsOf(topic);
  return levels > deepestTopic ? `the topic has ${levels} levels, at most ${deepestTopic} are taken` : null;
}

function levelsOf(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf("/"); at >= 0; at = topic.indexOf("/", at + 1)) levels++;
  return levels;
}
