import { withinDeadline } from "../time/index.js";

/**
 * A callback of the options that must answer in the time that the verification has left; undefined where there is none.
 * @param until Monotonic milliseconds.
 * @param option Its path, for the refusal.
 */
export function bounded<P extends unknown[], T>(
  callback: ((...parameters: P) => T | Promise<T>) | undefined,
  until: number,
  option: string,
): ((...parameters: P) => T | Promise<T>) | undefined {
  return callback && ((...parameters) => withinDeadline(callback(...parameters), until - performance.now(), option));
}
