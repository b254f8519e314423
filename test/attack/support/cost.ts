import { expect } from "vitest";
import type { AttackResult } from "../attack.js";
import type { AttackVerdict } from "../catalogue.js";
import type { Route } from "./route.js";
import type { Sent } from "./sent.js";

/** What one request of 1 MiB may cost: five times the promise, since the machine that tests is slow and busy. */
const most = 500;

/** CPU time in milliseconds, of all threads, the least of some runs: other processes do not count, nor does a first run. */
export async function costOf(run: () => Promise<unknown>, runs = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(started);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/**
 * Sends an attack of some size and one of twice that size: both are refused alike, at a cost that is bounded and that
 * grows no faster than the message.
 */
export async function bounded(route: Route, size: number, attackOf: (size: number) => Sent): Promise<AttackResult> {
  const verdicts = new Set<AttackVerdict>();
  const costs: number[] = [];
  for (const n of [size, 2 * size]) {
    const sent = attackOf(n);
    const octets = { ...sent, body: typeof sent.body === "string" ? Buffer.from(sent.body) : sent.body };
    costs.push(await costOf(async () => verdicts.add(await route.refuses(octets))));
  }
  const [once = 0, twice = 0] = costs;
  expect(twice).toBeLessThan(most);
  expect(twice, `${once} ms, and ${twice} ms for twice as much`).toBeLessThan(3 * once + 40);
  expect([...verdicts]).toHaveLength(1);
  const [verdict = "accepted"] = verdicts;
  return { verdict, milliseconds: twice };
}
