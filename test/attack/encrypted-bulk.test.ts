import { randomBytes } from "node:crypto";
import { x509 } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { encryptedData, encryptedKey, sealGcm, sealKey } from "../support/encryption.js";
import { x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { bounded } from "./support/cost.js";
import { part, rebuilt } from "./support/edit.js";
import { Route } from "./support/route.js";
import { trust } from "./support/sealed.js";
import type { Sent } from "./support/sent.js";

/*
 * Much cipher text in one message. It is decrypted, and scanned with its plaintext, in the thread that everything else waits for.
 */

const { signer, service } = credentials();
const item = '<o:i xmlns:o="urn:o"><o:n>12</o:n></o:i>';
const route = new Route({ trust, accept: [x509()], limits: { maxBody: 16 << 20 } });

/** Cipher text in many places of a Body. */
interface Bulk {
  readonly count: number;
  /** Of plaintext, in all. */
  readonly octets: number;
  readonly signed: "in clear" | "as cipher text";
  /** What the last plaintext ends with. */
  readonly end?: string;
}

function bulk({ count, octets, signed, end = "" }: Bulk): Sent {
  const key = randomBytes(32);
  const ids = Array.from({ length: count }, (_, i) => `ED-${i}`);
  const plain = item.repeat(Math.floor(octets / count / item.length));
  const clear = ids.map(() => `<a>${plain}</a>`).join("");
  const cipher = ids
    .map((id, i) => `<a>${encryptedData(id, sealGcm(key, i === count - 1 ? plain + end : plain))}</a>`)
    .join("");
  const inClear = signed === "in clear";
  const message = x509Message({ signer, payload: inClear ? clear : cipher });
  const body = inClear ? part(message, "body").replace(clear, () => cipher) : part(message, "body");
  return rebuilt(message, {
    parts: { ...message.parts, body, key: encryptedKey(service, sealKey(service, key), ids) },
    security: inClear ? ["key", ...message.security] : [...message.security, "key"],
  });
}

describe("cipher text by the megabyte", () => {
  for (const signed of ["in clear", "as cipher text"] as const) {
    attack(
      "D19",
      `fifty times in a message of almost 1 MiB, the last no XML, signed ${signed}`,
      async (expect) => {
        expect((await route.send(bulk({ count: 50, octets: 10_000, signed }))).verdict).toBe("accepted");
        return bounded(route, 350_000, (octets) => bulk({ count: 50, octets, signed, end: "</a><a>" }));
      },
      60_000,
    );
  }

  attack(
    "D9",
    "in a message of 2 MiB, where messages of 16 MiB are taken",
    async (expect) => {
      const sent = bulk({ count: 50, octets: 1_500_000, signed: "in clear" });
      const raised = route.with({ limits: { maxBody: 16 << 20, maxEncryptedMessage: 4 << 20 } });
      expect((await raised.send(sent)).verdict).toBe("accepted");
      await route.admits(x509Message({ signer, payload: `<a>${item.repeat(50_000)}</a>` }));
      const { verdict, record, milliseconds } = await route.refusal(sent);
      expect(record.error?.rule).toBe("limits.maxEncryptedMessage");
      return { verdict, milliseconds };
    },
    60_000,
  );
});
