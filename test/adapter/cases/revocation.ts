import { type GuardOptions, type RevocationOptions, x509 } from "@countersign/core";
import {
  createTestAuthority,
  createTestRevocationList,
  crypto,
  listAddress,
  testKeyPair,
} from "@countersign/core/testing";
import request from "supertest";
import { expect } from "vitest";
import { x509Message } from "../../support/messages.js";
import { startRevocationSource } from "../../support/revocation-source.js";
import type { Case } from "../case.js";
import { recorder } from "../recorder.js";

const root = createTestAuthority({ subject: "CN=Root,O=Example" });

/** A signer whose certificate names the address of a list. */
function signerOf(subject: string, address: string) {
  const keyPair = testKeyPair("rsa", subject);
  const { der } = root.issue({ subject, keyPair, extensions: [listAddress(address)] });
  return { ...keyPair, certificate: der, serialNumber: crypto.Certificate.parse(der).serialNumber };
}

export const revocationCases: readonly Case[] = [
  [
    "accepts a signer who is not on the fetched list, and rejects one who is, and with 503 where no list is to be had",
    async (start) => {
      const source = await startRevocationSource();
      try {
        const alice = signerOf("CN=alice,O=Example", `${source.origin}/list`);
        const bob = signerOf("CN=bob,O=Example", `${source.origin}/list`);
        const carol = signerOf("CN=carol,O=Example", `${source.origin}/lost`);
        const list = createTestRevocationList({ issuer: root, revoked: [bob] });
        source.respond = (_body, path) =>
          path === "/list" ? list : (_request, response) => response.writeHead(404).end();
        const revocation: RevocationOptions = { mode: "crl", fetch: { allow: [source.origin] } };
        const guard: GuardOptions = {
          origin: "https://orders.example",
          trust: { authorities: [root.der], revocation },
          accept: [x509({ subjects: [() => true] })],
        };
        const { seen, handler } = recorder();
        const { server, errors } = await start({ guards: [guard], routes: [{ path: "/", handler }] });
        const post = (signer: typeof alice) =>
          request(server).post("/").type("text/xml").send(x509Message({ signer }).text);
        expect((await post(alice)).status).toBe(200);
        expect(seen[0]?.security).toMatchObject({
          principal: { name: "CN=alice,O=Example" },
          evidence: { token: { revocation: { status: "good" } } },
        });
        const refused = await post(bob);
        expect([refused.status, refused.text.includes("The security check failed.")]).toEqual([500, true]);
        const unavailable = await post(carol);
        expect([unavailable.status, unavailable.headers["retry-after"]]).toEqual([503, "5"]);
        expect((await post(alice)).status).toBe(200);
        expect([seen.length, errors.length]).toEqual([2, 0]);
        expect(source.requests).toEqual(["GET /list", "GET /lost"]);
      } finally {
        source.close();
      }
    },
  ],
];
