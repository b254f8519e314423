import {
  ConfigurationError,
  createGuard,
  type GuardOptions,
  InMemoryReplayCache,
  usernameToken,
  x509,
} from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { addressing, bearerMessage, type SoapMessage, usernameMessage, x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { passwordScenes } from "./support/accounts.js";
import { changed, replaced } from "./support/edit.js";
import { says } from "./support/reissue.js";
import { bearer, direct } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";

/*
 * Limits that cannot be switched off, text that makes careless patterns slow, and records that do not grow with it.
 */

const { signer, issuer } = credentials();
const { text: passwords } = passwordScenes();

attack("K18", "limits that are none", (expect) => {
  const base: GuardOptions = {
    origin: "https://orders.example",
    trust: { certificates: [signer.certificate] },
    accept: [x509()],
  };
  const guarded = (options: object) => createGuard({ ...base, ...options } as GuardOptions);
  const names = [
    "maxBody",
    "workerThreshold",
    "deadlineMilliseconds",
    "maxDepth",
    "maxElements",
    "maxDistinctNames",
    "maxAttributesPerElement",
    "maxAttributes",
    "maxAttributeValue",
    "maxName",
    "maxNamespaceUri",
    "maxNamespacesPerElement",
    "maxNamespacesInScope",
    "maxNamespaces",
    "maxComments",
  ];
  const wrong = [
    0,
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.MAX_SAFE_INTEGER,
    "1mb",
    "1048576",
    null,
    false,
    true,
    {},
    [],
    10n,
  ];
  for (const name of names) {
    expect(() => guarded({ limits: { [name]: 100 } }), name).not.toThrow();
    for (const value of wrong)
      expect(() => guarded({ limits: { [name]: value } }), `${name}: ${String(value)}`).toThrow(ConfigurationError);
  }
  expect(() => guarded({ limits: { maxBody: 16 << 20 } })).not.toThrow();
  for (const options of [
    { limits: { maxBody: (16 << 20) + 1 } },
    { limits: { maxbody: 100 } },
    { limits: "off" },
    { limits: false },
    { clockSkewSeconds: Number.NaN },
    { clockSkewSeconds: -1 },
    { clockSkewSeconds: 1e9 },
    { timestamp: { maxAgeSeconds: 0 } },
    { timestamp: { maxAgeSeconds: Number.POSITIVE_INFINITY } },
    { timestamp: { futureSeconds: -1 } },
    { accept: [usernameToken({ verify: () => true, over: "transport", maxAgeSeconds: Number.NaN })] },
  ]) {
    expect(() => guarded(options), JSON.stringify(options)).toThrow(ConfigurationError);
  }
  return "start refused";
});

const within = (milliseconds: number, limit: number) => milliseconds < limit;

describe("text made for slow patterns", () => {
  const long = 100_000;
  const spaces = " ".repeat(long);
  const headers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "parameters of a media type": { "content-type": `text/xml;${` a=b;`.repeat(long / 5)}` },
    "spaces in a media type": { "content-type": `text/xml;${spaces}x` },
    "quotes in a media type": { "content-type": `text/xml; a="${'\\"'.repeat(long / 2)}` },
    "a media type of tokens": { "content-type": `text/xml; ${"a".repeat(long)}` },
    "an action of quotes": { "content-type": "text/xml", soapaction: `"${'"'.repeat(long)}x` },
    "a content coding of commas": { "content-type": "text/xml", "content-encoding": `${"gzip,".repeat(long / 5)}` },
    "a Connection of commas": { "content-type": "text/xml", connection: `${"close, ".repeat(long / 7)}x` },
    "spaces in an Authorization": { authorization: `Bearer${spaces}x` },
    "dots in an Authorization": { authorization: `Bearer ${"a.".repeat(long / 2)}` },
  };
  for (const [title, lines] of Object.entries(headers)) {
    attack("K26", title, async (expect) => {
      const { bytes } = direct.genuine();
      await direct.route.send({ soap: "1.1", body: bytes });
      const { milliseconds } = await direct.route.send({ soap: "1.1", body: bytes, headers: lines });
      expect(within(milliseconds, 1000), `${milliseconds} ms`).toBe(true);
      return "holds" as const;
    });
  }

  const time = "2026-11-22T10:00:00";
  const ids = { wsa: addressing("https://orders.example", "urn:a", `urn:uuid:${"a%".repeat(50_000)} x`) };
  const bodies: Readonly<Record<string, () => Sent>> = {
    "spaces in a Timestamp": () => stamped(`${spaces}${time}Z${spaces}x`),
    "digits in a Timestamp": () => stamped(`${time}.${"1".repeat(long)}Z`),
    "a MessageID of percent signs": () => sent(x509Message({ signer, headers: ids.wsa })),
    "a user name of spaces": () => sent(usernameMessage({ username: `a${" ".repeat(200)}`, password: "x" })),
    "a nonce of white space": () => {
      const message = usernameMessage({ username: "alice", password: "x", passwordType: "digest" });
      return changed(message, "username", (text) =>
        replaced(text, /(?<=Nonce [^>]*>)[^<]*/, `${spaces}AAAA${spaces}!`),
      );
    },
    "a certificate of line ends": () =>
      changed(x509Message({ signer }), "token", (text) => replaced(text, /(?<=>)[^<]+(?=<)/, `${"A\n".repeat(long)}!`)),
    "a PrefixList of spaces": () => {
      const message = x509Message({ signer, form: { method: "exclusive", inclusivePrefixes: ["soap", "wsu"] } });
      return changed(message, "signature", (text) =>
        text.replaceAll('PrefixList="soap wsu"', `PrefixList="soap${" ".repeat(15_000)}wsu${" ".repeat(1000)}"`),
      );
    },
    "a reference of dots and slashes": () =>
      changed(x509Message({ signer }), "signature", (text) =>
        replaced(text, 'URI="#Body-1"', `URI="#${"../".repeat(5000)}"`),
      ),
    "an audience of spaces": () =>
      says(bearer.genuine(), (text) => replaced(text, ">urn:orders<", `>${spaces}urn:orders${spaces}<`)),
    "an issuer of spaces": () =>
      says(bearer.genuine(), (text) =>
        replaced(text, ">https://sts.example<", `>${spaces}https://sts.example${spaces}<`),
      ),
    "a subject of an endless address": () =>
      sent(bearerMessage({ assertion: { issuedBy: issuer, subject: `${"a.".repeat(long / 2)}@` } })),
  };
  for (const [title, made] of Object.entries(bodies)) {
    attack("K26", title, async (expect) => {
      const attacked = made();
      for (const scene of [direct, passwords, bearer]) {
        await scene.route.admits(scene.genuine());
        const { milliseconds } = await scene.route.send(attacked);
        expect(within(milliseconds, 1000), `${milliseconds} ms`).toBe(true);
      }
      return "holds" as const;
    });
  }
});

const sent = ({ soap, bytes }: SoapMessage): Sent => ({ soap, body: bytes });
const stamped = (text: string): Sent =>
  changed(x509Message({ signer }), "timestamp", (timestamp) => replaced(timestamp, /(?<=<wsu:Created>)[^<]*/, text));

describe("records", () => {
  const megabyte = "x".repeat(900_000);
  const huge: Readonly<Record<string, () => Sent>> = {
    "a user name": () => sent(usernameMessage({ username: megabyte, password: "x" })),
    "a user name within its limit, of line ends": () =>
      sent(usernameMessage({ username: "\n".repeat(256), password: "x" })),
    "a password": () => sent(usernameMessage({ username: "alice", password: megabyte })),
    "a password type": () =>
      changed(usernameMessage({}), "username", (text) =>
        replaced(text, / Type="[^"]*"/, ` Type="${"x".repeat(16_000)}"`),
      ),
    "an issuer": () => sent(bearerMessage({ assertion: { issuedBy: issuer, issuer: "x".repeat(250_000) } })),
    "an audience": () => says(bearer.genuine(), (text) => replaced(text, ">urn:orders<", `>${"x".repeat(200_000)}<`)),
    "a Timestamp": () => stamped(megabyte),
    "a token reference": () =>
      changed(x509Message({ signer }), "signature", (text) => replaced(text, "#X509-1", `#${"x".repeat(16_000)}`)),
    "an element name, a hundred deep": () => {
      const name = "x".repeat(1000);
      const deep = `<${name}>`.repeat(90) + `</${name}>`.repeat(90);
      return changed(x509Message({ signer }), "timestamp", (text) =>
        replaced(text, "<wsu:Created>", `${deep}<wsu:Created>`),
      );
    },
    "an algorithm": () =>
      changed(x509Message({ signer }), "signature", (text) =>
        replaced(text, /(?<=<ds:SignatureMethod Algorithm=")[^"]*/, "x".repeat(16_000)),
      ),
  };
  for (const [title, made] of Object.entries(huge)) {
    attack("K27", title, async (expect) => {
      const attacked = made();
      for (const scene of [direct, passwords, bearer]) {
        await scene.route.admits(scene.genuine());
        const { record } = await scene.route.send(attacked);
        expect([scene.title, record?.outcome]).toEqual([scene.title, "refused"]);
        const size = JSON.stringify(record).length;
        expect([scene.title, size < 3000, size]).toEqual([scene.title, true, size]);
      }
      return "holds" as const;
    });
  }
  attack("K27", "a subject that is admitted", async (expect) => {
    const { record, decision } = await bearer.route
      .with({ replay: new InMemoryReplayCache() })
      .send(sent(bearerMessage({ assertion: { issuedBy: issuer, subject: `${"\n".repeat(100_000)}x` } })));
    expect(decision.kind).toBe("admitted");
    expect(JSON.stringify(record).length).toBeLessThan(3000);
    return "holds" as const;
  });
});
