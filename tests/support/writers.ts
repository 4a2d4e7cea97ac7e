import type { MqttClient } from "mqtt";
import { connectMqtt, pause, publish, push, type Login } from "./clients.ts";

/**
 * A client that sends unique readings, one a second of its own time, and keeps at it: what was not acknowledged when its
 * connection broke is sent again, as a device with a memory does it.
 */
export interface Writer {
  /** Second -> value of all that was acknowledged, and of all that was ever sent. */
  acknowledged: Map<number, number>;
  sent: Map<number, number>;
  /** Sends nothing new; resolves when all that was sent is acknowledged. */
  finish(): Promise<void>;
  /** While it has a connection over MQTT: what it takes as acknowledged can grow. */
  isConnected(): boolean;
}

/** A reading's value is told from every other's, also of another writer. */
const valueOf = (writer: number, second: number) => writer * 1_000_000 + second + 0.5;

interface Memory {
  writer: number;
  acknowledged: Map<number, number>;
  sent: Map<number, number>;
  waiting: number[];
  isFinishing: boolean;
  isConnected: boolean;
}

function start(writer: number, run: (memory: Memory) => Promise<void>): Writer {
  const memory: Memory = {
    ...{ writer, acknowledged: new Map(), sent: new Map(), waiting: [] },
    ...{ isFinishing: false, isConnected: false },
  };
  const running = run(memory);
  running.catch(() => {});
  const { acknowledged, sent } = memory;
  return {
    ...{ acknowledged, sent },
    finish() {
      memory.isFinishing = true;
      return running;
    },
    isConnected: () => memory.isConnected,
  };
}

/** What is to be sent next: first what was sent without an answer. undefined: nothing. */
function next(memory: Memory): number | undefined {
  const again = memory.waiting.shift();
  if (again !== undefined || memory.isFinishing) return again;
  const second = memory.sent.size;
  memory.sent.set(second, valueOf(memory.writer, second));
  return second;
}

function acknowledge({ acknowledged, sent }: Memory, second: number): void {
  acknowledged.set(second, sent.get(second)!);
}

const isDone = ({ isFinishing, acknowledged, sent }: Memory) => isFinishing && acknowledged.size === sent.size;

interface HowMqtt {
  startS: number;
  inFlight: number;
  /** Stands before the topic, on an external broker. */
  prefix?: string;
  /** Readings without a time of their own. */
  isTimeless?: boolean;
  /** Between two readings: a broker that acknowledges by itself would take more than can be stored. */
  paceMs?: number;
}

/** `inFlight` messages at a time, QoS 1, native JSON. */
export function mqttWriter(writer: number, { port, login, ...how }: { port: number; login: Login } & HowMqtt): Writer {
  return start(writer, async (memory) => {
    while (!isDone(memory)) {
      const client = await connectMqtt(port, login, { clientId: `writer ${writer}`, connectTimeout: 3_000 }).catch(
        () => null,
      );
      if (!client) await pause(50);
      else await publishUntilBroken(client, memory, how);
    }
  });
}

async function publishUntilBroken(
  client: MqttClient,
  memory: Memory,
  { startS, inFlight, isTimeless = false, prefix = "", paceMs = 0 }: HowMqtt,
): Promise<void> {
  const unanswered = new Set<number>();
  memory.isConnected = true;
  while (client.connected && !isDone(memory)) {
    const second = unanswered.size < inFlight ? next(memory) : undefined;
    if (second === undefined) {
      await pause(1);
      continue;
    }
    unanswered.add(second);
    const body = { ...(!isTimeless && { time: startS + second }), power: memory.sent.get(second) };
    const answered = () => {
      if (unanswered.delete(second)) acknowledge(memory, second);
    };
    publish(client, `${prefix}energy/m`, body).then(answered, () => {});
    if (paceMs) await pause(paceMs);
  }
  // What is answered later than this would be counted twice.
  memory.waiting.unshift(...unanswered);
  unanswered.clear();
  memory.isConnected = false;
  client.end(true);
}

/** Batches of native JSON or line protocol, one at a time. */
export function httpWriter(
  writer: number,
  {
    base,
    login,
    startS,
    batch,
    isTimeless = false,
  }: { base: string; login: Login; startS: number; batch: number; isTimeless?: boolean },
): Writer {
  const headers = { authorization: `Token ${login.username}:${login.password}`, connection: "close" };
  const post = (seconds: number[], sent: Map<number, number>) => {
    const lines = seconds
      .map((second) => `m power=${sent.get(second)}${isTimeless ? "" : ` ${startS + second}`}`)
      .join("\n");
    return push(base, "/api/v2/write?org=o&bucket=b&precision=s", { body: lines, headers });
  };
  return start(writer, async (memory) => {
    while (!isDone(memory)) {
      const seconds: number[] = [];
      for (let second = next(memory); second !== undefined; second = next(memory)) {
        seconds.push(second);
        if (seconds.length >= batch) break;
      }
      const reply = await post(seconds, memory.sent).catch(() => null);
      if (reply?.status === 204) for (const second of seconds) acknowledge(memory, second);
      else {
        memory.waiting.unshift(...seconds);
        await pause(50);
      }
    }
  });
}
