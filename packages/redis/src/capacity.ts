import { ConfigurationError } from "@countersign/core/sts";

/** @throws ConfigurationError where an option is no whole number from 1 up */
export function wholeNumber(value: number, option: string): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new ConfigurationError(
    "ERR_CONFIG_INVALID",
    option,
    `${value} is not a whole number from 1 up.`,
    "Give such a number.",
  );
}
