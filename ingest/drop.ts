/**
 * Why a message or a part of it is not stored: a closed list. Each is counted by name, sampled, and shown to the tenant with
 * these words (docs: "Why was my message ignored"). Adding a reason here is all that a new refusal needs.
 */
export const dropReasons = {
  "unknown-credential": "No device has this credential.",
  "wrong-password": "The user name is right, the password is not.",
  "revoked-credential": "This credential was revoked; make a new one on the device's page.",
  "mqtt-5":
    "This broker speaks MQTT 3.1.1, the client asked for MQTT 5; set the client's protocol version to 3.1.1 (in some programs: 4).",
  "not-on-broker": "The MQTT broker could not be told of this credential, so the device cannot log in there.",
  "unknown-format": "No known format matches the topic or path and the payload.",
  malformed: "The payload does not follow its format.",
  "another-device":
    "The credential belongs to one device, but the message speaks for another; make it a gateway to allow that.",
  "not-a-number": "The value is not a finite number.",
  "time-in-future": "The reading's time is more than 5 minutes in the future.",
  "time-too-old": "The reading's time is before 1970.",
  "before-retention": "The reading is older than the raw readings that the organization keeps.",
  "delta-without-time":
    "An amount of an interval needs its own time: without one, a repeated delivery would count twice.",
  "name-too-long": "The name of a device, metric or tag is longer than 200 characters.",
  "topic-too-long": "The topic is longer than 1,000 characters, or has more than 99 levels.",
  "payload-too-large": "The payload is larger than the limit.",
  "too-many-devices": "The gateway speaks for more devices than the limit of 1,000.",
  "too-many-channels": "The device has more channels than the limit of 500.",
  "ignored-device": "The gateway speaks for a device that you chose to ignore.",
  "outside-limits": "The value is outside the limits that you gave this channel.",
  "waiting-room-full":
    "Too many messages of this device wait for an announcement or a mapping already: at most 10,000, and 10 MB.",
  "never-announced": "What the message waited for never came.",
  "spool-full": "The database was away, and the disk's space for messages sent at QoS 0 was used up: send at QoS 1.",
  "too-fast": "The device sends faster than its limit.",
  quota: "The organization's plan has no room for it: its owners see the limits and the use under Organization, Usage.",
  "not-storable": "The database refused this reading.",
} as const;

export type DropReason = keyof typeof dropReasons;

/** One refused message or reading: why, and the words about this case (what was there, what is expected). */
export interface Drop {
  reason: DropReason;
  detail: string;
}
