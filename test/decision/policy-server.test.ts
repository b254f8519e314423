import { policyServer } from "@countersign/core";
import { runDecisionContract } from "./contract.js";

runDecisionContract("a policy server in process", async (options) => {
  const point = policyServer(options);
  return { point, close: () => point.close() };
});
