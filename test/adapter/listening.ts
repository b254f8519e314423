import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Running } from "./site.js";

/** Lets a server listen on a free port of the loopback address. */
export async function listening(
  server: Server,
  errors: readonly unknown[],
  close: () => Promise<unknown> = async () => undefined,
): Promise<Running> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    errors,
    async close() {
      server.closeAllConnections();
      await close();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
