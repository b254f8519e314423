import type { SoapMessage } from "../../support/messages.js";
import type { Route } from "./route.js";

/** Requests of each kind in one measurement, and measurements before a difference is believed: the machine is a busy one. */
const samples = 150;
const attempts = 4;

/**
 * Whether a route takes the same time for two kinds of message: Mann-Whitney over interleaved requests, p above 0.01 in at
 * least one of some measurements. A difference that can be told apart shows in all of them.
 */
export async function sameDistribution(
  route: Route,
  one: () => SoapMessage,
  other: () => SoapMessage,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const times: { readonly first: boolean; readonly milliseconds: number }[] = [];
    const [a, b] = [one(), other()];
    const measure = async (message: SoapMessage) =>
      (await route.send({ soap: message.soap, body: message.bytes })).milliseconds;
    for (let i = 0; i < samples; i++) {
      const order = i % 2 === 0;
      for (const first of [order, !order]) times.push({ first, milliseconds: await measure(first ? a : b) });
    }
    if (probability(times) > 0.01) return true;
  }
  return false;
}

/** Two-sided p of the Mann-Whitney test, by the normal approximation. */
function probability(times: readonly { readonly first: boolean; readonly milliseconds: number }[]): number {
  const ranked = [...times].sort((a, b) => a.milliseconds - b.milliseconds);
  const n = times.length / 2;
  const ranks = ranked.reduce((sum, { first }, index) => sum + (first ? index + 1 : 0), 0);
  const u = ranks - (n * (n + 1)) / 2;
  const z = Math.abs(u - (n * n) / 2) / Math.sqrt((n * n * (2 * n + 1)) / 12);
  // Complementary error function by Abramowitz and Stegun 7.1.26.
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return polynomial * Math.exp(-x * x);
}
