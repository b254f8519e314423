import { execFile } from "node:child_process";
import { text } from "node:stream/consumers";
import { usernameToken } from "@countersign/core";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { usernameMessage, x509Message } from "../support/messages.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import { bounded, costOf } from "./support/cost.js";
import { rebuilt, replaced, wrapped } from "./support/edit.js";
import { Route } from "./support/route.js";
import { against, direct } from "./support/scenes.js";
import type { Sent } from "./support/sent.js";
import { withPath, withToken } from "./support/tokens.js";

/*
 * Caps of the Security header and of the stack, and what only looks like work.
 */

const { signer } = credentials();
const { route } = direct;

describe("a small stack", () => {
  /** What came of each of some messages in a process whose stack has 256 KiB. */
  async function withSmallStack(bodies: readonly string[]): Promise<unknown> {
    const child = execFile(process.execPath, ["--stack-size=256", "--input-type=module", "-e", smallProcess], {
      cwd: import.meta.dirname,
    });
    const answer = child.stdout && text(child.stdout);
    child.stdin?.end(JSON.stringify({ certificate: signer.certificate.toString("base64"), bodies }));
    return JSON.parse((await answer) ?? "");
  }
  const smallProcess = `
    import { text } from "node:stream/consumers";
    import { createGuard, x509 } from "@countersign/core";
    const { certificate, bodies } = JSON.parse(await text(process.stdin));
    const guard = createGuard({
      origin: "https://orders.example",
      trust: { certificates: [Buffer.from(certificate, "base64")] },
      accept: [x509()],
      limits: { maxDepth: 1000 },
    });
    const outcomes = [];
    for (const body of bodies) {
      const verdict = await guard.admit({
        method: "POST",
        target: "/",
        headers: [["content-type", "text/xml"]],
        body: async () => Buffer.from(body),
        transport: { encrypted: true },
        signal: new AbortController().signal,
      });
      const admitted = verdict.kind === "admitted";
      outcomes.push(admitted ? verdict.security.message.body.bytes.length : "answered " + verdict.reply.status);
    }
    await guard.close();
    console.log(JSON.stringify(outcomes));
  `;
  attack("K6", "a deep Body", async (expect) => {
    const deep = (levels: number) => `${"<a>".repeat(levels)}${"</a>".repeat(levels)}`;
    const message = x509Message({ signer, payload: deep(900) });
    const [octets] = message.signatures.flatMap(({ references }) => references.filter((one) => one.part === "body"));
    const deeper = direct.genuine({ payload: deep(5_000) });
    const enormous = direct.genuine({ payload: deep(70_000) });
    expect(await withSmallStack([message.text, deeper.text, enormous.text])).toEqual([
      octets?.octets.length,
      "answered 400",
      "answered 400",
    ]);
    await route.admits(direct.genuine());
    return route.refuses({ soap: "1.1", body: deeper.bytes });
  });
});

describe("octets", () => {
  const large = route.with({ limits: { maxBody: 16 << 20 } });
  attack(
    "K14",
    "BinarySecurityToken of 5 MB",
    against(direct, (message) => withToken(message, Buffer.alloc(5_000_000, 1))),
  );
  attack("K14", "BinarySecurityToken of 5 MB where the Body may be larger", async () => {
    await large.admits(direct.genuine());
    return large.refuses(withToken(direct.genuine(), Buffer.alloc(5_000_000, 1)));
  });
  attack(
    "K14",
    "BinarySecurityToken of 70 KB",
    against(direct, (message) => withToken(message, Buffer.alloc(70_000, 1))),
  );
  attack(
    "K14",
    "five hundred certificates",
    against(direct, (message) => withPath(message, ...Array.from({ length: 500 }, () => signer.certificate))),
  );
  attack(
    "K14",
    "CipherValue of 10 MB",
    against(direct, (message) => {
      const encrypted = `<x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#"><x:CipherData><x:CipherValue>${"A".repeat(10_000_000)}</x:CipherValue></x:CipherData></x:EncryptedData>`;
      return rebuilt(message, { parts: { encrypted }, security: [...message.security, "encrypted"] });
    }),
  );
});

describe("counts", () => {
  const more =
    (count: number, text: string | ((i: number) => string)) =>
    (message: ReturnType<typeof direct.genuine>): Sent => {
      const parts = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`more${i}`, typeof text === "string" ? text : text(i)]),
      );
      return rebuilt(message, { parts, security: [...message.security, ...Object.keys(parts)] });
    };
  const { parts } = direct.genuine();
  const bare = (name: string, i: number) =>
    (parts[name] ?? "").replace(/ (wsu:)?Id="[^"]*"/g, (id) => id.replace(/"$/, `-${i}"`));
  const token = (i: number) => bare("token", i);
  for (const count of [4, 400]) {
    attack(
      "K19",
      `${count + 1} signatures`,
      against(
        direct,
        more(count, (i) => bare("signature", i)),
      ),
    );
  }
  attack("K19", "eleven tokens", against(direct, more(10, token)));
  attack("K19", "300 tokens", against(direct, more(300, token)));
  attack(
    "K19",
    "a second Timestamp",
    against(
      direct,
      more(1, (i) => bare("timestamp", i)),
    ),
  );
  attack(
    "K19",
    "1,000 Timestamps",
    against(
      direct,
      more(1_000, (i) => bare("timestamp", i)),
    ),
  );
  attack("K19", "three UsernameTokens", against(direct, more(3, "<wsse:UsernameToken></wsse:UsernameToken>")));
  attack(
    "K19",
    "nine SignatureConfirmations",
    against(direct, more(9, `<s:SignatureConfirmation xmlns:s="${namespaces.wsse11}"></s:SignatureConfirmation>`)),
  );
  for (const [count, title] of [
    [1, "a second Security header for us"],
    [4, "five Security headers"],
    [2_000, "2,001 Security headers"],
  ] as const) {
    attack(
      "K19",
      title,
      against(direct, (message) => {
        const others = Object.fromEntries(
          Array.from({ length: count }, (_, i) => [
            `other${i}`,
            `<wsse:Security xmlns:wsse="${namespaces.wsse}"${count === 1 ? "" : ` soap:actor="urn:${i}"`}></wsse:Security>`,
          ]),
        );
        return rebuilt(message, { parts: others, header: [...message.header, ...Object.keys(others)] });
      }),
    );
  }
  attack("K19", "thousands of signatures cost no more than their octets", async () => {
    await route.admits(direct.genuine());
    return bounded(route, 300, (count) => more(count, (i) => bare("signature", i))(direct.genuine()));
  });
});

describe("rounds", () => {
  const passwords = new Route({
    accept: [
      usernameToken({
        verify: (_, password) => password === "correct horse",
        secret: () => "correct horse",
        over: "transport",
      }),
    ],
  });
  const genuine = () => usernameMessage({});
  for (const rounds of ["1000000000", "2147483648", "10001", "0", "-1", "1e9", ""]) {
    attack("K21", `Iteration ${rounds || "empty"}`, async (): Promise<AttackVerdict> => {
      await passwords.admits(genuine());
      const salt = `<s:Salt xmlns:s="${namespaces.wsse11}">MTIzNDU2NzgxMjM0NTY3OA==</s:Salt><s:Iteration xmlns:s="${namespaces.wsse11}">${rounds}</s:Iteration>`;
      const { text } = genuine();
      return passwords.refuses({
        soap: "1.1",
        body: replaced(text, "</wsse:UsernameToken>", `${salt}</wsse:UsernameToken>`),
      });
    });
  }
  for (const length of ["2147483648", "64"]) {
    attack(
      "K21",
      `a derived key of ${length} octets`,
      against(direct, (message) => {
        const derived = `<c:DerivedKeyToken xmlns:c="http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512"><c:Offset>2147483648</c:Offset><c:Length>${length}</c:Length></c:DerivedKeyToken>`;
        return rebuilt(message, { parts: { derived }, security: [...message.security, "derived"] });
      }),
    );
  }
});

describe("what only looks like work", () => {
  attack("K15", "a SOAP array of a billion", async () => {
    const array = `<e:Array xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" xmlns:o="${namespaces.o}" e:arrayType="o:Line[1000000000]"></e:Array>`;
    const message = direct.genuine({
      payload: `<o:Order xmlns:o="${namespaces.o}">${array.replace(` xmlns:o="${namespaces.o}"`, "")}</o:Order>`,
    });
    await route.admits(message);
    return "holds" as const;
  });
  /** Names whose hash by multiplication is the same: two pieces that collide, in every order. */
  const colliding = (one: string, other: string, bits: number) =>
    Array.from({ length: 2 ** bits }, (_, i) =>
      Array.from({ length: bits }, (_, bit) => ((i >> bit) & 1 ? one : other)).join(""),
    );
  const ordinary = (bits: number) => Array.from({ length: 2 ** bits }, (_, i) => `n${i}`.padEnd(2 * bits, "x"));
  for (const [title, names] of [
    ["times 31", colliding("Aa", "BB", 13)],
    ["times 33", colliding("bA", "ab", 13)],
  ] as const) {
    attack("K16", `${title}: element names, attribute names, prefixes and identifiers`, async (expect) => {
      await route.admits(direct.genuine());
      const costs: number[] = [];
      for (const list of [ordinary(13), names]) {
        const content = list.map((name) => `<${name} ${name}="1" Id="${name}"/>`).join("");
        const message = direct.genuine();
        const sent = rebuilt(message, { parts: { wrap: wrapped(content) }, header: ["wrap", ...message.header] });
        const octets = Buffer.from(sent.body);
        costs.push(
          await costOf(async () => expect((await route.send({ soap: "1.1", body: octets })).verdict).toBe("accepted")),
        );
      }
      const [usual = 0, hostile = 0] = costs;
      expect(hostile, `${usual} ms for other names, ${hostile} ms for these`).toBeLessThan(3 * usual + 40);
      return { verdict: "holds", milliseconds: hostile };
    });
  }
});
