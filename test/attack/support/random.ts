/** Whole numbers from 0 up to, but not including, `below`; and choices by them. */
export interface Random {
  (below: number): number;
  pick<T>(items: readonly T[]): T;
}

/** A generator of pseudo-random numbers (xorshift32): the same for the same seed, everywhere. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  const next = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const pick = <T>(items: readonly T[]): T => {
    const item = items[next(items.length)];
    if (item === undefined) throw new RangeError("there is nothing to choose from");
    return item;
  };
  return Object.assign(next, { pick });
}
