import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@countersign/client";
import { order } from "./order.js";
import { audience } from "./services.js";
import type { World } from "./world.js";

/** Keeps the demo up: writes what curl needs into a temporary folder and prints lines to try, until Ctrl+C. */
export async function printTrialLines(world: World, print: (line: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-demo-"));
  const ca = join(folder, "ca.pem");
  const envelope = join(folder, "order.xml");
  await writeFile(ca, world.authority);
  const credentials = () => ({ name: "alice", password: "wonderland" });
  const client = createClient({ credentials, tls: { ca: world.authority } });
  await writeFile(envelope, (await client.secure(order("anvil"))).envelope);
  await client.close();
  const token = await world.jwtFor("alice", audience);
  print("\nEverything stays up until Ctrl+C. For the next five minutes these are let in:");
  for (const { url } of world.services) {
    print(`  curl --cacert ${ca} -H 'content-type: application/soap+xml' --data-binary @${envelope} ${url}`);
    print(`  curl --cacert ${ca} -X POST -H 'authorization: Bearer ${token}' ${url}`);
  }
  print("and this is not:");
  print(`  curl --cacert ${ca} -X POST -H 'x-subject: admin' ${world.services[0]?.url}`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
  });
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
