// A device in a process of its own that publishes as fast as its socket takes it (its memory is not the broker's).
// Told by its parent {port, login, startS, count, qos, keepalive}; says "connected", waits for "go", and says
// {answered, broke} when every message is answered (QoS 1) or written (QoS 0).
import mqtt from "mqtt";

process.once("message", ({ port, login, ...flood }) => {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { ...login, keepalive: flood.keepalive, reconnectPeriod: 0 });
  let broke = false;
  client.on("error", () => {});
  client.on("close", () => (broke = true));
  client.once("connect", () => {
    process.send("connected");
    process.once("message", () => void publishAll(client, flood, () => broke));
  });
});

async function publishAll(client, { startS, count, qos }, broke) {
  const answers = [];
  for (let i = 1; i <= count; i++) {
    answers.push(client.publishAsync("energy/m", JSON.stringify({ time: startS + i, power: i }), { qos }));
    // Reads what came meanwhile: on a busy machine it would not hear for seconds that the broker lives.
    if (i % 500 === 0) await new Promise(setImmediate);
  }
  const settled = await Promise.allSettled(answers);
  const answered = settled.filter(({ status }) => status === "fulfilled").length;
  process.send({ answered, broke: broke() });
  await client.endAsync(false);
  process.disconnect();
}
