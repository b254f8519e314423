import { refuse } from "../errors/index.js";

/**
 * Bounds what somebody else's code may take: a callback, a store. A value that is there already costs nothing.
 * @throws ERR_UNAVAILABLE when the deadline passes first
 */
export function withinDeadline<T>(pending: T | Promise<T>, milliseconds: number, what: string): T | Promise<T> {
  if (!isPromise(pending)) return pending;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      try {
        refuse("ERR_UNAVAILABLE", `${what} did not answer within ${Math.max(0, Math.round(milliseconds))} ms`, {
          rule: "limits.deadlineMilliseconds",
          remedy: "Look at what it depends on.",
        });
      } catch (error) {
        reject(error);
      }
    }, milliseconds);
  });
  return Promise.race([pending, deadline]).finally(() => clearTimeout(timer));
}

/**
 * Takes what came where a value was wanted at once, or after it was wanted. It counts for nothing, and a promise among it
 * that rejects must not end the process.
 */
export function disregard(answer: unknown): void {
  Promise.resolve(answer).catch(() => undefined);
}

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Promise<T> | null | undefined)?.then === "function";
