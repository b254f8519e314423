import type { HttpResponse } from "@countersign/client";
import type { AuditEvent, ErrorCode, WssVerdict } from "@countersign/core";
import { expect } from "vitest";
import type { Service } from "./stage.js";

/*
 * Both views of a decision: what the audit record says, which is exact, and what went over the wire, which is one neutral
 * fault for everybody who was not let in.
 */

/** The one answer to everything that fails before the requestor is known: the same octets whatever was wrong. */
export const neutralFault =
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>' +
  '<s:Subcode><s:Value xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">' +
  'wsse:InvalidSecurity</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">The security check failed.' +
  "</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>";

/** What an audit record says about a refusal. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly verdict: WssVerdict;
}

/** Checks that an answer is the neutral fault. A MessageID of the request is echoed; nothing else varies. */
export function expectNeutral(answer: HttpResponse | undefined): void {
  expect(textOf(answer).replace(/<s:Header><wsa:Action .*?<\/s:Header>/, "")).toBe(neutralFault);
  expect(answer?.status).toBe(400);
  expect(answer?.headers["content-type"]).toBe("application/soap+xml; charset=utf-8");
}

/** The body of an answer as text. */
export const textOf = (answer: HttpResponse | undefined): string => Buffer.from(answer?.body ?? "").toString();

/** Checks that the latest decision of a guard was this refusal, that it is the one for this answer, and that the wire says nothing. */
export function expectRefusal(events: readonly unknown[], answer: HttpResponse | undefined, refusal: Refusal): void {
  const event = events.at(-1) as AuditEvent | undefined;
  expect(event).toMatchObject({ outcome: "refused", error: refusal });
  expect(answer?.headers["x-correlation-id"]).toBe(event?.id);
  expectNeutral(answer);
}

/** Checks that a service refused: both views, and its handler did not run. */
export function expectRefused(service: Service, answer: HttpResponse | undefined, refusal: Refusal, handled = 0): void {
  expectRefusal(service.events, answer, refusal);
  expect(service.handled).toHaveLength(handled);
}

/** Checks that a service admitted: both views, and its handler ran for that principal. */
export function expectAdmitted(
  service: Service,
  answer: HttpResponse | undefined,
  admitted: Partial<AuditEvent>,
): void {
  const event = service.events.at(-1);
  expect(event).toMatchObject({ outcome: "admitted", ...admitted });
  expect(answer?.status).toBe(200);
  expect(textOf(answer)).toContain(`<hello>${event?.principal}</hello>`);
  expect(service.handled.at(-1)?.principal.name).toBe(event?.principal);
}

/** What a pending call of a client ends with: the error that it rejects with, or undefined. */
export async function errorOf(pending: Promise<unknown>): Promise<unknown> {
  try {
    await pending;
  } catch (error) {
    return error;
  }
  return undefined;
}

/**
 * Checks that a broker refused a requestor that it had authenticated: it says why on the wire, by a `wst:` fault, and the
 * record of the issuance says it exactly.
 */
export function expectTrustFault(
  events: readonly unknown[],
  answer: HttpResponse,
  { code, fault }: { readonly code: ErrorCode; readonly fault: string },
): void {
  expect(events.at(-1)).toMatchObject({ operation: "issue", outcome: "refused", error: { code } });
  expect(answer.status).toBe(400);
  const text = textOf(answer);
  expect(/<s:Subcode><s:Value[^>]*>([^<]*)</.exec(text)?.[1]).toBe(`wst:${fault}`);
  expect(text).not.toContain("Assertion");
}
