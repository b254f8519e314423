import type { AuditEvent } from "@countersign/core";
import { isCountersignError } from "@countersign/core";
import type { CountersignOptions } from "@countersign/core/adapter";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expressFramework } from "../adapter/express.js";
import { fastifyFramework } from "../adapter/fastify.js";
import { koaFramework } from "../adapter/koa.js";
import type { Running, Seen } from "../adapter/site.js";
import { requireProgram } from "../require/external.js";
import { TamperingTransport } from "../support/tampering.js";
import { makeSharedKeys } from "./cxf/keys.js";
import {
  envelopeOf,
  followsPolicy,
  isApplicable,
  MatrixTable,
  type Ours,
  type Row,
  soapVersions,
  type Theirs,
} from "./cxf/matrix.js";
import { buildPeer, CxfPeer, type Fields } from "./cxf/peer.js";
import { rows as makeRows } from "./cxf/rows.js";

/*
 * Apache CXF with WSS4J, in both directions: its client calls our guard on each framework and verifies our signed reply, and we
 * call its service and verify its signed reply. Every kind of message has twins that were changed on their way: requests and
 * replies, which the other side refuses. The table of what passes is printed at the end.
 */

const java = requireProgram("java");
const maven = requireProgram("mvn");
const frameworks = [expressFramework, koaFramework, fastifyFramework];
const action = "urn:example:orders:PlaceOrder";
const wsa = "http://www.w3.org/2005/08/addressing";

const keys = makeSharedKeys();
const rows = makeRows(keys);
const towardsUs = frameworks.flatMap(({ name }) => soapVersions.map((soap) => `to ${name} ${soap}`));
const towardsThem = soapVersions.map((soap) => `to CXF ${soap}`);
const table = new MatrixTable(
  rows.map(({ name }) => name),
  [...towardsUs, ...towardsThem],
);
for (const { name, theirs, ours } of rows) {
  if (!isApplicable<Theirs>(theirs)) table.notApplicable(name, towardsUs, theirs.reason);
  if (!isApplicable<Ours>(ours)) table.notApplicable(name, towardsThem, ours.reason);
}

afterAll(() => keys.remove());

/** Signed replies, as both sides make and demand them in every row. */
const rsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const signsReply: Fields = {
  "out.action": "Timestamp Signature",
  "out.user": "orders",
  "out.signatureKeyIdentifier": "DirectReference",
  "out.signatureAlgorithm": rsaSha256,
  "out.signatureDigestAlgorithm": sha256,
  "out.signatureParts": `{Element}{${wsu}}Timestamp;{}{SOAP}Body`,
};
const demandsSignedReply: Fields = {
  "in.action": "Timestamp Signature",
  "in.sigSubjectCertConstraints": ".*CN=orders.*",
  covered: "/SOAP:Envelope/SOAP:Body,//wsu:Timestamp",
};
const toSomebodyElse = { element: "orderedBy", value: "mallory" };

/** The fields with the names of a SOAP version in them. */
function inVersion(soap: (typeof soapVersions)[number], fields: Fields): Fields {
  const namespace =
    soap === "1.1" ? "http://schemas.xmlsoap.org/soap/envelope/" : "http://www.w3.org/2003/05/soap-envelope";
  const written = Object.entries(fields).map(([name, value]) => [
    name,
    value.replaceAll("{SOAP}", `{${namespace}}`).replaceAll("SOAP:", soap === "1.1" ? "soap11:" : "soap12:"),
  ]);
  return { ...Object.fromEntries(written), soap };
}

function receipt({ securityOf }: Seen) {
  const { principal, message } = securityOf();
  if (message === undefined) throw new TypeError("there is no message");
  const messageId = message.headers.find(({ namespace, localName }) => namespace === wsa && localName === "MessageID");
  const header =
    messageId &&
    `<wsa:Action xmlns:wsa="${wsa}">${action}Response</wsa:Action>` +
      `<wsa:MessageID xmlns:wsa="${wsa}">${messageId.text}:reply</wsa:MessageID>` +
      `<wsa:RelatesTo xmlns:wsa="${wsa}">${messageId.text}</wsa:RelatesTo>` +
      `<wsa:To xmlns:wsa="${wsa}">${wsa}/anonymous</wsa:To>`;
  const item = message.body.child("PlaceOrder")?.child("item")?.text;
  const body =
    `<o:OrderReceipt xmlns:o="urn:example:orders"><o:orderedBy>${principal.name}</o:orderedBy>` +
    `<o:item>${item}</o:item></o:OrderReceipt>`;
  const contentType = message.soapVersion === "1.1" ? "text/xml" : "application/soap+xml";
  return {
    headers: { "content-type": `${contentType}; charset=utf-8` },
    body: envelopeOf(message.soapVersion, body, header),
  };
}

const order = `<o:PlaceOrder xmlns:o="urn:example:orders"><o:item>anvil</o:item><o:quantity>2</o:quantity></o:PlaceOrder>`;

java.describe("CXF and WSS4J", () => {
  maven.describe("built by Maven", () => {
    let peer: CxfPeer;
    beforeAll(() => {
      buildPeer();
      peer = new CxfPeer(keys.folder);
    });
    afterAll(() => {
      peer?.close();
      process.stdout.write(`\n${table}\n`);
    });

    describe.each(frameworks)("calling $name", (framework) => {
      let running: Running | undefined;
      const verdicts: (string | undefined)[] = [];
      beforeEach(() => {
        verdicts.length = 0;
      });
      const guard = ({ accept, trust, reply, understands, conversation }: Theirs): CountersignOptions => ({
        origin: "https://orders.example",
        accept: [accept],
        trust,
        conversation,
        audit: ({ outcome, error, conversation: asked }: AuditEvent) => {
          // What is asked about a context is told by what comes under it.
          if (asked === undefined) verdicts.push(error?.code ?? outcome);
        },
        reply: { sign: { key: keys.orders.privateKey, certificate: keys.orders.certificate }, ...reply },
        soap: { understands },
      });
      beforeAll(async () => {
        const routes = rows.flatMap(({ theirs }, index) =>
          isApplicable<Theirs>(theirs) ? [{ path: `/${index}`, guards: [guard(theirs)], handler: receipt }] : [],
        );
        running = await framework.start({ routes }, { key: keys.tls.privateKey, cert: keys.tls.certificate });
      });
      afterAll(() => running?.close());

      for (const soap of soapVersions) {
        for (const [index, { name, theirs, principal, tampering, replyTampering = toSomebodyElse }] of rows.entries()) {
          if (!isApplicable<Theirs>(theirs)) continue;
          const column = `to ${framework.name} ${soap}`;
          const cell = cellOf(name, column, 3);
          const call = (more: Fields = {}) => {
            const url = `https://localhost:${running?.port}/${index}`;
            const demands = followsPolicy(theirs) ? {} : demandsSignedReply;
            const fields = { ...demands, ...theirs.fields, ...more, url, action, item: "anvil" };
            return peer.call(inVersion(soap, fields));
          };

          it(`accepts ${name} in SOAP ${soap}, and CXF our reply`, async () => {
            expect(await call()).toEqual({ orderedBy: principal, item: "anvil" });
            expect(verdicts).toEqual(["admitted"]);
            cell.passed();
          });

          it(`rejects ${name} in SOAP ${soap} with ${theirs.refusal} where it was changed`, async () => {
            const answer = await call({ "tamper.out": tampering.element, "tamper.value": tampering.value });
            expect(answer).toEqual({ refused: expect.any(String) });
            expect(verdicts).toEqual([theirs.refusal]);
            cell.passed();
          });

          it(`accepts no less: CXF rejects our changed reply to ${name} in SOAP ${soap}`, async () => {
            const { element, value } = replyTampering;
            const answer = await call({ "tamper.in": element, "tamper.value": value });
            const { replyRefusal = "The signature or decryption was invalid" } = theirs;
            expect(answer).toEqual({ refused: expect.stringContaining(replyRefusal) });
            expect(verdicts).toEqual(["admitted"]);
            cell.passed();
          });
        }
      }
    });

    describe("called by us", () => {
      for (const soap of soapVersions) {
        for (const { name, ours, principal, tampering, replyTampering = toSomebodyElse } of rows) {
          if (!isApplicable<Ours>(ours)) continue;
          const cell = cellOf(name, `to CXF ${soap}`, 3);
          const transport = new TamperingTransport(keys.ca);
          afterAll(() => transport.close());
          let url: Promise<string> | undefined;
          const send = async (changes: Pick<TamperingTransport, "request" | "reply">) => {
            url ??= peer.serve(inVersion(soap, { ...(followsPolicy(ours) ? {} : signsReply), ...ours.fields }));
            Object.assign(transport, changes);
            return ours.send({ url: await url, action, envelope: envelopeOf(soap, order), transport });
          };

          it(`accepts ${name} in SOAP ${soap} at CXF, and we its reply`, async () => {
            const message = await send({ request: undefined, reply: undefined });
            const confirmed = message?.body.child("OrderReceipt");
            expect(confirmed?.child("item")?.text).toBe("anvil");
            expect(confirmed?.child("orderedBy")?.text).toBe(principal);
            expect(confirmed?.protection.by).toBe("signature");
            cell.passed();
          });

          it(`rejects ${name} in SOAP ${soap} at CXF where it was changed`, async () => {
            await expect(send({ request: tampering, reply: undefined })).rejects.toThrow();
            cell.passed();
          });

          it(`rejects CXF's changed reply to ${name} in SOAP ${soap}`, async () => {
            const refusal = await send({ request: undefined, reply: replyTampering }).catch((error: unknown) => error);
            expect(isCountersignError(refusal) && refusal.code).toMatch(
              /^ERR_(SERVICE_RESPONSE_INVALID|WSS_FAILED_CHECK)$/,
            );
            cell.passed();
          });
        }
      }
    });
  });
});

/** A cell passes when all its tests have. */
function cellOf(row: Row["name"], column: string, tests: number): { passed(): void } {
  let left = tests;
  table.expect(row, column);
  return {
    passed() {
      left -= 1;
      if (left === 0) table.pass(row, column);
    },
  };
}
