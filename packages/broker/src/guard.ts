import { allowInsecureTransport, createGuard, type Guard, trust13, usernameToken } from "@countersign/core/sts";
import type { BrokerAuditSink } from "./issuance-event.js";
import type { BrokerOptions } from "./options.js";
import type { RequestorAuthentication } from "./requestor.js";

/**
 * The broker's own guard: it authenticates requestors exactly as services do, so that whatever comes before
 * authentication gets the one neutral fault. It also verifies signatures that prove possession of a key nobody vouches for.
 * @throws ConfigurationError
 */
export function createBrokerGuard(options: BrokerOptions, { verify, secret }: RequestorAuthentication): Guard {
  const { origin, signing, clockSkewSeconds, limits, replay, audit, clock } = options;
  const { key, certificate, algorithm } = signing;
  return createGuard(
    {
      origin,
      accept: [usernameToken({ verify, secret, over: "transport" })],
      soap: { actions: { [trust13.actions.requestIssue]: `{${trust13.namespace}}RequestSecurityToken` } },
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
