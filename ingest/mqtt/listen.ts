import type { AddressInfo, Server } from "node:net";
import { SetupError } from "../../platform/env.ts";

/** Opens a port of ours; answers which it is. @throws SetupError that names the variable `name` when the port cannot be had. */
export function listenOn(
  server: Server,
  { host, port, name }: { host: string; port: number; name: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return reject(error);
      const why = error.code === "EACCES" ? "may not be opened by this user" : "is in use by another program";
      reject(new SetupError(`${name} ${port} ${why}: stop that program or set ${name} to a free port.`));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
