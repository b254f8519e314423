export { type ContractCase, type ReplayCacheSubject, replayCacheContract } from "./replay-cache-contract.js";
