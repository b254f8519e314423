import { remoteValidator } from "@countersign/client";
import { type AuditEvent, createGuard, type GuardOptions, saml2 } from "@countersign/core";
import { secureMessage, trust13, trust2005 } from "@countersign/core/sts";
import { testKeyPair } from "@countersign/core/testing";
import {
  brokerKey,
  estate,
  issuer,
  LoopTransport,
  order,
  ordersUrl,
  stsUrl,
  toServerRequest,
} from "../trust/estate.js";
import { attack, verdictOf } from "./attack.js";

/*
 * Services that ask their broker about tokens. Every token here was good once, and was admitted.
 */

/** A service that asks, its records, and the wire between it and the broker. */
function asking(
  validation: Partial<NonNullable<GuardOptions["validation"]>> = {},
  keyType: "bearer" | "public-key" = "bearer",
) {
  const scene = estate({ keyType });
  const wire = new LoopTransport({ [stsUrl]: (request) => scene.broker.handle(request) });
  const events: AuditEvent[] = [];
  const guard = createGuard({
    origin: "https://orders.example",
    trust: { issuers: [{ name: issuer, certificates: [brokerKey.certificate] }] },
    accept: [
      saml2({ audience: ordersUrl, confirm: "holder-of-key", signed: ["body", "timestamp"] }),
      saml2({ audience: ordersUrl, confirm: "bearer", over: "transport" }),
    ],
    validation: {
      by: remoteValidator({
        broker: { url: stsUrl },
        credentials: () => ({ name: "bob", password: "builder" }),
        transport: wire,
        clock: scene.clock,
      }),
      revalidateAfterSeconds: 0,
      ...validation,
    },
    clock: scene.clock,
    audit: (event) => {
      events.push(event);
    },
  });
  const admit = async (body: Uint8Array) => {
    const headers = { "content-type": "application/soap+xml; charset=utf-8" };
    const request = toServerRequest({ method: "POST", url: new URL(ordersUrl), headers, body });
    return verdictOf(await guard.admit(request), events);
  };
  const use = (xml: string) => admit(secureMessage(order(), { tokens: [xml], clock: scene.clock }).envelope);
  return { ...scene, wire, admit, use };
}

attack("J6", "a token whose status is known, under another key's signature", async (expect) => {
  const { client, admit, clock, wire } = asking({ revalidateAfterSeconds: 600 }, "public-key");
  const { envelope } = await client.secure(order(), { appliesTo: ordersUrl });
  expect(await admit(envelope)).toBe("accepted");
  const asked = wire.sent.length;
  const { xml, attachedReference = "" } = await client.obtainToken({ appliesTo: ordersUrl });
  const { privateKey } = testKeyPair("ec", "thief");
  const signature = {
    key: privateKey,
    reference: { by: "reference", xml: attachedReference },
    parts: ["body", "timestamp"],
  } as const;
  clock.pass(1);
  const stolen = secureMessage(order(), { tokens: [xml], signatures: [signature], clock }).envelope;
  const verdict = await admit(stolen);
  expect(wire.sent).toHaveLength(asked);
  return verdict;
});

attack("J8", "the status invalid in an answer that succeeds", async (expect) => {
  const { client, use, wire } = asking();
  const { xml } = await client.obtainToken({ appliesTo: ordersUrl });
  expect(await use(xml)).toBe("accepted");
  wire.tamper = (body) => body.replace(trust13.status.valid, trust13.status.invalid);
  return use(xml);
});

for (const [title, from, to] of [
  ["in the namespace of February 2005", trust13.status.valid, trust2005.status.valid],
  ["in a response of February 2005", trust13.namespace, trust2005.namespace],
] as const) {
  attack("J9", `the status valid ${title}`, async (expect) => {
    const { client, use, wire } = asking();
    const { xml } = await client.obtainToken({ appliesTo: ordersUrl });
    expect(await use(xml)).toBe("accepted");
    wire.tamper = (body) => body.replaceAll(from, to);
    return use(xml);
  });
}

attack("J12", "use after cancel", async (expect) => {
  const { client, use } = asking();
  const { xml } = await client.obtainToken({ appliesTo: ordersUrl });
  expect(await use(xml)).toBe("accepted");
  await client.cancelToken(xml);
  return use(xml);
});
