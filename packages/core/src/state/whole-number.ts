import { ConfigurationError } from "../errors/index.js";

/**
 * A number of an option of a store.
 * @throws ConfigurationError where it is no whole number from `least` up
 */
export function wholeNumber(value: number, least: number, option: string): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    option,
    `${value} is not a whole number from ${least} up.`,
    "Give such a number.",
  );
}
