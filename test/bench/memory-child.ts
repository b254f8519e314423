import { readFileSync } from "node:fs";

/**
 * Prints the peak of this process's resident memory in MB. Arguments: `hold` or `verify`, setting, message. Both hold the message;
 * only the second loads the engine and verifies it.
 */
const [what = "", setting = "", path = ""] = process.argv.slice(2);
const message = readFileSync(path);
if (what === "verify") {
  const { createVerify } = await import("./ours.js");
  await createVerify(JSON.parse(readFileSync(setting, "utf8")))(message);
}
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
process.stdout.write(`${(Number(peak) * 1024) / 1e6}\n`);
process.exit(message.length === 0 ? 1 : 0);
