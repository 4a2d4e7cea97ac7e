import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readToTheEnd } from "./read-to-the-end.ts";

// Little enough for every window: all of it is on our side when the sender dies.
const bytes = 20_000;
/** Sends that much to whoever connects, and reads nothing: its death resets the connection. */
const program = `
  const server = require("node:net").createServer((socket) => {
    socket.pause();
    socket.write(Buffer.alloc(${bytes}), () => process.send("sent"));
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "energy-sender-"));
  writeFileSync(path.join(folder, "sender.cjs"), program);
});
afterAll(() => rmSync(folder, { recursive: true }));

it("what a process had sent before it was killed is read, although nothing can be written to it any more", async () => {
  const sender = fork(path.join(folder, "sender.cjs"));
  const [port] = (await once(sender, "message")) as [number];
  const sent = once(sender, "message");
  const socket = readToTheEnd(connect({ port, host: "127.0.0.1" }));
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  // To a socket that reads what it is given, but has not read all of it yet.
  socket.once("readable", () => {});
  await once(socket, "connect");
  socket.write("an acknowledgement");
  await sent;
  const exit = once(sender, "exit");
  sender.kill("SIGKILL");
  await exit;
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => socket.write("another", resolve));
    await new Promise(setImmediate);
  }
  let read = 0;
  socket.on("data", (chunk: Buffer) => (read += chunk.length));
  await closed;
  expect(read).toBe(bytes);
});
