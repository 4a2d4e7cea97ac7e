/** What can go wrong on the way to a receiver, as its people are told. */
export const deliveryFaults = {
  "no-such-host": "The host's name has no address",
  "private-address": "The host's name leads to an address that is not public",
  "no-connection": "No connection, or it broke off",
  "not-trusted": "The host's certificate is not valid for its name",
  "not-http": "The answer is not HTTP",
  "too-slow": "No complete answer within 10 seconds",
  "address-refused": "The address is not one that messages may go to",
  "no-secret": "The secret can no longer be opened: rotate it",
  "switched-off": "The webhook was switched off before it was sent",
} as const;

export type DeliveryFault = keyof typeof deliveryFaults;

/** What became of a message; null: it is tried again. */
export type DeliveryOutcome = "delivered" | "failed" | "dropped";

/** Why a webhook is off: a person did it, the receiver said 410 Gone, nothing came through for days. */
export type OffReason = "person" | "gone" | "failing";

export const offReasons: Record<OffReason, string> = {
  person: "Switched off by hand",
  gone: "Switched off: the receiver said that it wants no more messages (410 Gone)",
  failing: "Switched off: for three days no message came through",
};
