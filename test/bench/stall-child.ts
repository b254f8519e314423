import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createVerifyInWorker, type Setting } from "./ours.js";

/**
 * Prints how long one verification keeps the event loop from turning, as a multiple of the SHA-256 time of 0.5 MB in this process.
 * Arguments: setting, message, number of verifications.
 */
const [setting = "", path = "", count = "10"] = process.argv.slice(2);
const message = readFileSync(path);
const verify = createVerifyInWorker(JSON.parse(readFileSync(setting, "utf8")) as Setting);
const half = Buffer.alloc(500_000, "a");

/** The longest time between two turns of the loop while the verification runs. */
async function stall(): Promise<number> {
  let worst = 0;
  let last = process.hrtime.bigint();
  let running = true;
  const turn = () => {
    const now = process.hrtime.bigint();
    worst = Math.max(worst, Number(now - last));
    last = now;
    if (running) setImmediate(turn);
  };
  await new Promise((resolve) => setImmediate(resolve));
  last = process.hrtime.bigint();
  setImmediate(turn);
  await verify(message);
  running = false;
  turn();
  return worst;
}

function hash(): number {
  const start = process.hrtime.bigint();
  createHash("sha256").update(half).digest();
  return Number(process.hrtime.bigint() - start);
}

for (let i = 0; i < 5; i++) {
  await stall();
  hash();
}
const stalls: number[] = [];
const hashes: number[] = [];
for (let i = 0; i < Number(count); i++) {
  stalls.push(await stall());
  hashes.push(hash());
}
process.stdout.write(`${Math.min(...stalls) / Math.min(...hashes)}\n`);
// A pool of workers may still wait for work.
process.exit(0);
