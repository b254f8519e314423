import { allowInsecureTransport, createGuard, type Guard, trustVersions, usernameToken } from "@countersign/core/sts";
import type { BrokerAuditSink } from "./issuance-event.js";
import type { BrokerOptions, BrokerSigning } from "./options.js";
import type { RequestorAuthentication } from "./requestor.js";

/** The element of the Body that each action goes with. */
const actions: Readonly<Record<string, string>> = Object.fromEntries(
  trustVersions.flatMap(({ namespace, actions: single, batchTypes }) => [
    ...Object.values(single).map((uri) => [uri, `{${namespace}}RequestSecurityToken`]),
    ...Object.values(batchTypes).map((uri) => [uri, `{${namespace}}RequestSecurityTokenCollection`]),
  ]),
);

/**
 * The broker's own guard: it authenticates requestors exactly as services do, so that whatever comes before
 * authentication gets the one neutral fault. It also verifies signatures that prove possession of a key nobody vouches for.
 * @throws ConfigurationError
 */
export function createBrokerGuard(
  options: BrokerOptions,
  { key, certificate, algorithm }: BrokerSigning,
  { verify, secret }: RequestorAuthentication,
): Guard {
  const { origin, clockSkewSeconds, limits, replay, audit, clock } = options;
  return createGuard(
    {
      origin,
      accept: [usernameToken({ verify, secret, over: "transport" })],
      soap: { actions },
      reply: options.signReplies === false ? undefined : { sign: { key, certificate, algorithm }, confirm: true },
      clockSkewSeconds,
      limits,
      replay,
      tenant: options.issuer,
      audit: guardAudit(audit),
      clock,
      [allowInsecureTransport]: options[allowInsecureTransport],
    },
    { possession: true },
  );
}

function guardAudit(audit: BrokerOptions["audit"]): { sink: BrokerAuditSink; mandatory: boolean } | undefined {
  if (audit === undefined) return undefined;
  return typeof audit === "function"
    ? { sink: audit, mandatory: false }
    : { sink: audit.sink, mandatory: audit.mandatory ?? false };
}
