import { readFileSync } from "node:fs";
import { createVerify, type Setting } from "./ours.js";

/** Prints verifications per second of this process. Arguments: setting, message, milliseconds. */
const [setting = "", path = "", milliseconds = "1000"] = process.argv.slice(2);
const message = readFileSync(path);
const verify = createVerify(JSON.parse(readFileSync(setting, "utf8")) as Setting);

async function count(duration: number): Promise<number> {
  const start = performance.now();
  let done = 0;
  for (; performance.now() - start < duration; done++) await verify(message);
  return (done * 1000) / (performance.now() - start);
}

await count(Number(milliseconds) / 2);
process.stdout.write(`${await count(Number(milliseconds))}\n`);
process.exit(0);
