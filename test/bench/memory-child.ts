import { readFileSync } from "node:fs";

/**
 * Prints the peak of this process's resident memory in MB. Arguments: what it does, setting, message. `hold` only holds the
 * message, `load` loads the engine's code too, `verify` verifies the message as well, `worker` does that in a worker.
 */
const [what = "", setting = "", path = ""] = process.argv.slice(2);
const message = readFileSync(path);
if (what !== "hold") {
  const { createVerify, createVerifyInWorker } = await import("./ours.js");
  const create = what === "worker" ? createVerifyInWorker : createVerify;
  const verify = create(JSON.parse(readFileSync(setting, "utf8")));
  if (what !== "load") await verify(message);
}
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
process.stdout.write(`${(Number(peak) * 1024) / 1e6}\n`);
process.exit(message.length === 0 ? 1 : 0);
