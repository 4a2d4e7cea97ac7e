/** What a reason of refusal is called, and what a person can do about it. */
export interface RejectWords {
  title: string;
  help: string;
}

const words: Record<string, RejectWords> = {
  "unknown-credential": { title: "Unknown credential", help: "Check that it was copied whole." },
  "wrong-password": {
    title: "Wrong password",
    help: "The user name is right. Paste the password again, or make a new credential.",
  },
  "revoked-credential": {
    title: "Revoked credential",
    help: "It still uses a credential that was revoked or replaced. Give it the new one.",
  },
  "mqtt-5": {
    title: "Connected with MQTT 5",
    help: "This broker speaks MQTT 3.1.1 and refused the connection. Set the client's MQTT version to 3.1.1 (some programs call it 4, or v311); nothing else has to change.",
  },
  "not-on-broker": {
    title: "Not known to the MQTT broker",
    help: "The broker could not be told of this credential, so the device cannot log in there. Make a new credential; if that does not help, ask who runs this installation.",
  },
  "unknown-format": {
    title: "Unknown format",
    help: "Nothing known has this topic or path and this shape. A Tasmota with a FullTopic of its own needs it here in the settings.",
  },
  malformed: { title: "Not well formed", help: "The payload does not follow its format." },
  "another-device": {
    title: "Speaks for another device",
    help: "This credential belongs to one device. If it is to speak for several, make it a gateway.",
  },
  "not-a-number": { title: "Not a number", help: "A sensor that has no value yet often sends NaN or null." },
  "time-in-future": { title: "Time in the future", help: "Check the clock and the time zone of the sender." },
  "before-retention": {
    title: "Older than what is kept",
    help: "Your organization chose how long raw readings are kept, and this one is older. Choose a longer time to take it.",
  },
  "time-too-old": { title: "Time before 1970", help: "Its clock was not set. Check its time server (NTP)." },
  "delta-without-time": {
    title: "Amount without a time",
    help: "An amount of an interval needs its own time, or a repeated delivery would count twice.",
  },
  "name-too-long": { title: "Name too long", help: "Names of devices, metrics and tags have at most 200 characters." },
  "topic-too-long": { title: "Topic too long", help: "Topics have at most 1,000 characters." },
  "payload-too-large": { title: "Too large", help: "Send it in smaller pieces." },
  "too-many-devices": { title: "Too many devices", help: "A gateway speaks for at most 1,000 devices." },
  "too-many-channels": {
    title: "Too many channels",
    help: "A device has at most 500 channels. A changing value in a name or tag makes a new one each time.",
  },
  "ignored-device": {
    title: "Ignored device",
    help: "You chose to ignore this device. Accept it in the inbox if its readings are to be kept again.",
  },
  "outside-limits": {
    title: "Outside its limits",
    help: "The value is outside the limits of its channel. Correct the limits in the channel's settings, or the sensor.",
  },
  "waiting-room-full": {
    title: "Too much is waiting",
    help: "10,000 messages (or 10 MB) wait for an announcement or a mapping already. Restart the gateway, or map the payload.",
  },
  "never-announced": {
    title: "Never announced",
    help: "The messages waited for an announcement (a birth, a unit) that never came. Restart the gateway, so that it announces itself.",
  },
  "spool-full": {
    title: "Lost during an outage",
    help: "They were sent at QoS 0 while the database was away, and the disk space for that was used up. Send at QoS 1.",
  },
  "too-fast": { title: "Too fast", help: "The device sends more than its limit. Make it send less often." },
  quota: {
    title: "More than the plan",
    help: "The organization's plan has no room for it: see Organization, Usage.",
  },
  "not-storable": { title: "Not storable", help: "The database refused this value." },
};

/** Reasons that are new here are shown by their own name. */
export const rejectWords = (reason: string): RejectWords => words[reason] ?? { title: reason, help: "" };
