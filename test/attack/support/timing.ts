import { randomInt } from "node:crypto";

/** Samples of each kind: 200, or 10,000 where COUNTERSIGN_LONG is set. */
export const samples = process.env.COUNTERSIGN_LONG ? 10_000 : 200;
/** Milliseconds that a comparison may take on a busy machine. */
export const timeLimit = process.env.COUNTERSIGN_LONG ? 1_200_000 : 60_000;

/** Two kinds of message that must not be told apart by the time that their refusal takes. */
export interface TimedKinds {
  /** Sends one message of a kind and gives how long it took, in any one unit. */
  readonly one: () => Promise<number>;
  readonly other: () => Promise<number>;
}

/** What times say of a difference. */
export interface TimedDifference {
  /** Two-sided p of the Mann-Whitney test: how likely as much of a difference is between kinds that take the same time. */
  readonly ranks: number;
  /** Two-sided p of Welch's t-test over the times below the 90th percentile of both, as dudect crops them. */
  readonly means: number;
  /** How often one of the first kind takes longer than one of the second: 0.5 where nothing tells them apart. */
  readonly longer: number;
}

/** Sends that are not measured: code is compiled and caches are filled. */
const warmUp = 100;

/**
 * Measures two kinds of message in pairs, each pair in an order of its own by chance: whatever else the machine does meanwhile
 * is then dealt out by chance too, and p is what it says on a busy machine as well.
 */
async function timedDifference({ one, other }: TimedKinds, count: number): Promise<TimedDifference> {
  for (let i = 0; i < warmUp; i++) {
    await one();
    await other();
  }
  const first = new Float64Array(count);
  const second = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const oneFirst = randomInt(2) === 0;
    if (oneFirst) first[i] = await one();
    second[i] = await other();
    if (!oneFirst) first[i] = await one();
  }
  first.sort();
  second.sort();
  return { ...mannWhitney(first, second), means: welch(first, second) };
}

/** How often a difference must show before it is believed, and how unlikely it must be each time. */
const repetitions = 3;
const level = 0.01;

/**
 * Whether the times of two kinds are different: one and the same test says so, the same way round, in each of some measurements.
 * Of kinds that take the same time that is said once in a million runs; a difference that can be told apart shows every time.
 */
export async function canBeToldApart(kinds: TimedKinds, count = samples): Promise<readonly TimedDifference[]> {
  const found: TimedDifference[] = [];
  while (found.length < repetitions) {
    found.push(await timedDifference(kinds, count));
    const sameWay = new Set(found.map(({ longer }) => longer > 0.5)).size === 1;
    const shows = (by: "ranks" | "means") => found.every((one) => one[by] < level);
    if (!sameWay || !(shows("ranks") || shows("means"))) return [];
  }
  return found;
}

/** Both sorted. */
function mannWhitney(first: Float64Array, second: Float64Array): Pick<TimedDifference, "ranks" | "longer"> {
  let before = 0;
  let equal = 0;
  let u = 0;
  for (const time of first) {
    while (before < second.length && (second[before] as number) < time) before++;
    equal = Math.max(equal, before);
    while (equal < second.length && (second[equal] as number) <= time) equal++;
    u += (before + equal) / 2;
  }
  const n = first.length;
  const ranks = twoSided((u - (n * n) / 2) / Math.sqrt((n * n * (2 * n + 1)) / 12));
  return { ranks, longer: u / (n * n) };
}

/** Both sorted. */
function welch(first: Float64Array, second: Float64Array): number {
  const most = quantile(Float64Array.of(...first, ...second).sort(), 0.9);
  const a = moments(first.filter((time) => time <= most));
  const b = moments(second.filter((time) => time <= most));
  return twoSided((a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count));
}

function moments(times: Float64Array) {
  const count = times.length;
  const mean = times.reduce((sum, time) => sum + time, 0) / count;
  return { count, mean, variance: times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (count - 1) };
}

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;

/** The two-sided tail of the normal distribution: its complementary error function by Abramowitz and Stegun 7.1.26. */
function twoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return polynomial * Math.exp(-x * x);
}
