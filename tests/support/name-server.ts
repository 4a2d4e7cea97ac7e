import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

const typeA = 1;

/** A name server on loopback that gives IPv4 addresses (RFC 1035). `answer`: by how often addresses were asked for before. */
export async function nameServer(answer: (asked: number) => string[]) {
  const socket = createSocket("udp4");
  let asked = 0;
  socket.on("message", (query, { port, address }) => {
    // After the header of 12 bytes the name ends with an empty label; then come type and class.
    const end = query.indexOf(0, 12) + 5;
    const addresses = query.readUInt16BE(end - 4) === typeA ? answer(asked++) : [];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.fill(0, 8);
    const records = addresses.map((ip) =>
      Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4, ...ip.split(".").map(Number)]),
    );
    socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    at: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () => socket.close(),
  };
}
