import { x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { addressing, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import { frameworks, head, type Service, served } from "./support/service.js";

/*
 * The operation that a dispatcher runs by its action is the operation that was signed.
 */

const { signer } = credentials();
const operation = (name: string) => `<o:${name} xmlns:o="${namespaces.o}"></o:${name}>`;
const actions = { "urn:orders:place": `{${namespaces.o}}Place`, "urn:orders:cancel": `{${namespaces.o}}Cancel` };
let made = 0;
const message = (soap: "1.1" | "1.2", name: string, action?: string) =>
  x509Message({
    signer,
    soap,
    payload: operation(name),
    now: new Date(Date.now() + made++),
    ...(action === undefined
      ? {}
      : {
          headers: addressing("https://orders.example", action),
          signed: ["to", "action", "messageId", "timestamp", "body"],
        }),
  }).bytes;

/** Sends a message with an HTTP action: in its own header for SOAP 1.1, in the media type for 1.2. */
const act = (service: Service, soap: "1.1" | "1.2", httpAction: string | undefined, name: string, action?: string) => {
  const body = message(soap, name, action);
  const lines11 = ["Content-Type: text/xml", ...(httpAction === undefined ? [] : [`SOAPAction: ${httpAction}`])];
  const lines12 = [`Content-Type: application/soap+xml${httpAction === undefined ? "" : `; action=${httpAction}`}`];
  return service.raw(
    head("POST", "/orders", [...(soap === "1.1" ? lines11 : lines12), `Content-Length: ${body.length}`]),
    body,
  );
};

for (const framework of frameworks) {
  for (const soap of ["1.1", "1.2"] as const) {
    describe(`${framework.name}, SOAP ${soap}`, () => {
      attack(
        "L18",
        "an HTTP action that is not the Body's",
        served(framework, { guard: { soap: { actions } } }, async (service, expect) => {
          expect((await act(service, soap, '"urn:orders:place"', "Place")).status).toBe(200);
          expect(service.seen.length).toBe(1);
          for (const [httpAction, name] of [
            ['"urn:orders:place"', "Cancel"],
            ['"urn:orders:cancel"', "Place"],
            ['"urn:orders:unknown"', "Place"],
            ['"urn:orders:place "', "Place"],
            ['"URN:orders:place"', "Place"],
            ['"__proto__"', "Place"],
            [undefined, "Place"],
            ['""', "Place"],
          ] as const) {
            const answer = await act(service, soap, httpAction, name);
            expect([httpAction, name, service.refused(expect, answer, 1)]).toEqual([httpAction, name, "IS"]);
          }
          return "IS" as const;
        }),
      );
      attack(
        "L18",
        "a wsa:Action that is not the HTTP action, or not the Body's",
        served(
          framework,
          { guard: { soap: { actions }, accept: [x509({ signed: ["body", "timestamp", "addressing"] })] } },
          async (service, expect) => {
            expect((await act(service, soap, '"urn:orders:place"', "Place", "urn:orders:place")).status).toBe(200);
            expect((await act(service, soap, undefined, "Place", "urn:orders:place")).status).toBe(200);
            for (const [httpAction, name, action] of [
              ['"urn:orders:cancel"', "Place", "urn:orders:place"],
              ['"urn:orders:place"', "Place", "urn:orders:cancel"],
              ['"urn:orders:cancel"', "Place", "urn:orders:cancel"],
              [undefined, "Place", "urn:orders:cancel"],
            ] as const) {
              const answer = await act(service, soap, httpAction, name, action);
              expect([httpAction, name, action, service.refused(expect, answer, 2)]).toEqual([
                httpAction,
                name,
                action,
                "IS",
              ]);
            }
            return "IS" as const;
          },
        ),
      );
      attack(
        "L18",
        "two actions that differ, on a route that names none",
        served(framework, {}, async (service, expect) => {
          expect((await act(service, soap, '"urn:a"', "Place", "urn:a")).status).toBe(200);
          return service.refused(expect, await act(service, soap, '"urn:b"', "Place", "urn:a"), 1);
        }),
      );
    });
  }
}
