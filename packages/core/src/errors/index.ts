export {
  ConfigurationError,
  CountersignError,
  type ErrorDetail,
  isCountersignError,
  isOutage,
  isRefusal,
  type Place,
  placed,
  refuse,
} from "./error.js";
export { nearest } from "./nearest.js";
export { checkOptions, toConfigurationError } from "./option-errors.js";
export { type ErrorCode, type ErrorFamily, type ErrorRow, errorTable, type WssVerdict } from "./table.js";
