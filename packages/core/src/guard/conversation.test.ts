import { describe, expect, it } from "vitest";
import type { AuditEvent } from "../audit/index.js";
import { Certificate, computedKey, loadPrivateKey, pSha1, secretKey } from "../crypto/index.js";
import { ConfigurationError } from "../errors/index.js";
import { type Alternative, saml2, securityContext, usernameToken, x509 } from "../policy/index.js";
import { contentTypeOf, parseEnvelope, type SoapVersion } from "../soap/index.js";
import { InMemorySecurityContextStore, type SecurityContextStore } from "../state/index.js";
import { createTestAuthority, createTestCertificate, createTestRevocationList } from "../testing/index.js";
import {
  defaultLabel,
  issueDerivedKey,
  issueSecurityContextToken,
  seedOf,
  writeContextReference,
} from "../tokens/context/index.js";
import { issueAssertion } from "../tokens/saml/index.js";
import { issueUsernameToken } from "../tokens/username/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import {
  type ContextOperation,
  type ContextWords,
  contextAction,
  contextWords13,
  contextWords2005,
  parseContextResponse,
  writeContextRequest,
  writeTrustEnvelope,
} from "../trust/index.js";
import { type SecureMessageOptions, secureMessage } from "../wss/index.js";
import { scan } from "../xml/index.js";
import { createGuard } from "./create-guard.js";
import type { GuardOptions } from "./options.js";

const start = Date.parse("2026-03-01T12:00:00Z");
const versions = [contextWords13, contextWords2005].map((words) => [words.conversation.version, words] as const);

/** A context as its owner knows it. */
interface Held {
  readonly identifier: string;
  readonly instance: string;
  readonly secret: Uint8Array;
  readonly expires: number | undefined;
}

/** A service with a conversation, and requestors who know how to hold one. */
function service(more: Partial<GuardOptions> = {}, store?: SecurityContextStore) {
  const time = { now: start };
  const clock = { now: () => time.now };
  const contexts = store ?? new InMemorySecurityContextStore({ clock });
  const events: AuditEvent[] = [];
  const passwords: Alternative = usernameToken({
    verify: (name, password) => password === `${name}'s`,
    over: "transport",
  });
  const guard = createGuard({
    origin: "https://orders.example",
    accept: [securityContext({ contexts })],
    conversation: { contexts, bootstrap: [passwords] },
    clock,
    audit: (event) => {
      events.push(event);
    },
    ...more,
  });
  const send = async (body: string | Uint8Array, action: string, version: SoapVersion = "1.2", encrypted = true) => {
    const verdict = await guard.admit({
      method: "POST",
      target: "/orders",
      headers: [["content-type", `${contentTypeOf(version)}; action="${action}"`]],
      body: async () => Buffer.from(body),
      transport: { encrypted },
      signal: new AbortController().signal,
    });
    const text = verdict.kind === "answered" ? Buffer.from(verdict.reply.body ?? "").toString() : "";
    return { verdict, text, event: events.at(-1) };
  };
  const username = (name: string) => issueUsernameToken({ name, password: `${name}'s`, as: "text", now: time.now }).xml;
  const under = (words: ContextWords, { identifier, instance, secret }: Held): SecureMessageOptions => {
    const name = { words: words.conversation, identifier, instance };
    const token = issueSecurityContextToken(name);
    const { xml, id, valueType, key } = issueDerivedKey(words.conversation, {
      secret,
      reference: writeContextReference(name),
    });
    const parts = ["body", "timestamp"] as const;
    return {
      tokens: [token.xml, xml],
      signatures: [{ key, reference: { by: "token", id, valueType }, parts }],
      clock,
    };
  };
  const ask = async (
    words: ContextWords,
    request: Parameters<typeof writeContextRequest>[1],
    security: SecureMessageOptions,
    action = contextAction(words, request.operation),
  ) => {
    const content = writeContextRequest(words, request);
    const envelope = writeTrustEnvelope({ version: "1.2", action, content });
    return send(secureMessage(envelope, { clock, ...security }).envelope, action);
  };
  const responseIn = (words: ContextWords, text: string, operation: ContextOperation) => {
    const { document, body } = parseEnvelope(scan(Buffer.from(text)));
    return parseContextResponse(document, document.firstChild(body), words, operation);
  };
  const held = (
    words: ContextWords,
    text: string,
    operation: ContextOperation,
    entropy: Uint8Array = Buffer.alloc(0),
  ): Held => {
    const { token, proof, keySize = 0, lifetime } = responseIn(words, text, operation);
    if (token === undefined || proof === undefined) throw new TypeError(text);
    const { identifier, instance } = token;
    const secret = proof.kind === "key" ? proof.key : computedKey(entropy, proof.entropy, keySize / 8);
    return { identifier, instance, secret, expires: lifetime?.expires };
  };
  const establish = async (words: ContextWords = contextWords13, name = "alice", entropy?: Buffer) => {
    const { text } = await ask(words, { operation: "issue", entropy }, { tokens: [username(name)] });
    return held(words, text, "issue", entropy);
  };
  const order = (context: Held, words: ContextWords = contextWords13, change = (text: string) => text) => {
    const plain =
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><order/></s:Body></s:Envelope>';
    return send(change(Buffer.from(secureMessage(plain, under(words, context)).envelope).toString()), "urn:order");
  };
  const about = (operation: "renew" | "cancel", signer: Held, target = signer, words = contextWords13) => {
    const named = { words: words.conversation, identifier: target.identifier, instance: target.instance };
    return ask(words, { operation, target: writeContextReference(named) }, under(words, signer));
  };
  return { time, contexts, events, guard, ask, about, establish, held, order, send, under, username };
}

const badContext = (words: ContextWords) =>
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>' +
  `<s:Subcode><s:Value xmlns:wsc="${words.conversation.namespace}">wsc:BadContextToken</s:Value></s:Subcode></s:Code>` +
  '<s:Reason><s:Text xml:lang="en">The requested context elements are insufficient or unsupported.</s:Text>' +
  "</s:Reason></s:Fault></s:Body></s:Envelope>";

describe.each(versions)("a conversation in the words of %s", (_, words) => {
  it("accepts messages under a context: its owner is who established it", async () => {
    const { establish, order } = service();
    const { verdict, event } = await order(await establish(words), words);
    expect(verdict).toMatchObject({
      kind: "admitted",
      security: { principal: { name: "alice", kind: "username" }, evidence: { proof: "signature" } },
    });
    expect(event).toMatchObject({ outcome: "admitted", principal: "alice", token: { kind: "context" } });
  });

  it("accepts entropy of the requestor: neither side alone made the key", async () => {
    const { establish, order, contexts } = service();
    const entropy = Buffer.alloc(32, 7);
    const context = await establish(words, "alice", entropy);
    expect(context.secret).toHaveLength(32);
    expect((await order(context, words)).verdict.kind).toBe("admitted");
    const other = await order({ ...context, secret: computedKey(Buffer.alloc(32, 8), entropy, 32) }, words);
    expect(other.event).toMatchObject({ error: { code: "ERR_WSS_FAILED_CHECK" } });
    expect(contexts).toMatchObject({ size: 1 });
  });

  it("rejects a message under an unknown context with ERR_CONTEXT_INVALID, and says so on the wire", async () => {
    const { establish, order } = service();
    const context = await establish(words);
    const { text, event } = await order({ ...context, identifier: "urn:uuid:nobody" }, words);
    expect(event).toMatchObject({ error: { code: "ERR_CONTEXT_INVALID", verdict: "BadContextToken" } });
    expect(text).toBe(badContext(words));
  });

  it("rejects every use after the owner cancelled", async () => {
    const { establish, order, about } = service();
    const context = await establish(words);
    const cancelled = await about("cancel", context, context, words);
    expect(cancelled.text).toContain("RequestedTokenCancelled");
    expect(cancelled.event).toMatchObject({ outcome: "admitted", conversation: { operation: "cancel" } });
    for (const { event, text } of [await order(context, words), await about("renew", context, context, words)]) {
      expect(event).toMatchObject({ error: { code: "ERR_CONTEXT_INVALID" } });
      expect(text).toContain("wsc:BadContextToken");
    }
  });

  it("accepts a renewal: a new key, and the one before it until its own end", async () => {
    const { establish, order, about, held, time } = service();
    const first = await establish(words);
    time.now += 1_700_000;
    const { text } = await about("renew", first, first, words);
    const second = held(words, text, "renew");
    expect(second).toMatchObject({ identifier: first.identifier, expires: time.now + 1_800_000 });
    expect(second.instance).not.toBe("");
    expect(second.secret).not.toEqual(first.secret);
    expect((await order(first, words)).verdict.kind).toBe("admitted");
    expect((await order(second, words)).verdict.kind).toBe("admitted");
    time.now += 100_000;
    expect((await order(first, words)).event).toMatchObject({ error: { code: "ERR_CONTEXT_INVALID" } });
    expect((await order(second, words)).verdict.kind).toBe("admitted");
    const mixed = await order({ ...second, secret: first.secret }, words);
    expect(mixed.event).toMatchObject({ error: { code: "ERR_WSS_FAILED_CHECK" } });
  });
});

describe("the life of a context", () => {
  it("accepts it to its last millisecond, and rejects it then with ERR_CONTEXT_INVALID", async () => {
    const { establish, order, time } = service();
    const context = await establish();
    expect(context.expires).toBe(start + 1_800_000);
    time.now = start + 1_799_999;
    expect((await order(context)).verdict.kind).toBe("admitted");
    time.now++;
    expect((await order(context)).event).toMatchObject({ error: { code: "ERR_CONTEXT_INVALID" } });
  });

  it("clamps what a requestor asks for to what the service grants", async () => {
    const { ask, held, username } = service();
    const issue = async (expires: number) => {
      const lifetime = { created: start, expires };
      return ask(contextWords13, { operation: "issue", lifetime }, { tokens: [username("alice")] });
    };
    expect(held(contextWords13, (await issue(start + 1e9)).text, "issue").expires).toBe(start + 1_800_000);
    expect(held(contextWords13, (await issue(start + 60_000)).text, "issue").expires).toBe(start + 60_000);
    expect((await issue(start)).text).toContain("wst:InvalidTimeRange");
  });

  it("rejects renewals beyond the whole life that a context may have", async () => {
    const contexts = new InMemorySecurityContextStore({ clock: { now: () => start } });
    const bootstrap = [usernameToken({ verify: () => true, over: "transport" })];
    const conversation = { contexts, bootstrap, lifetimeSeconds: 600, maxLifetimeSeconds: 900 };
    const { establish, about, held, time } = service(
      { conversation, accept: [securityContext({ contexts })] },
      contexts,
    );
    const first = await establish();
    time.now += 599_000;
    const second = held(contextWords13, (await about("renew", first)).text, "renew");
    expect(second.expires).toBe(start + 900_000);
    time.now = start + 899_999;
    expect((await about("renew", second)).verdict.kind).toBe("answered");
    time.now++;
    expect((await about("renew", second)).event).toMatchObject({ error: { code: "ERR_CONTEXT_INVALID" } });
  });
});

describe("who may do what", () => {
  it("rejects to establish a context with a wrong password: the neutral fault, and no context", async () => {
    const { ask, contexts } = service();
    const token = issueUsernameToken({ name: "alice", password: "wrong", as: "text", now: start }).xml;
    const { text, event } = await ask(contextWords13, { operation: "issue" }, { tokens: [token] });
    expect(event).toMatchObject({ error: { verdict: "FailedAuthentication" } });
    expect(text).toContain("wsse:InvalidSecurity");
    expect(contexts).toMatchObject({ size: 0 });
  });

  it("rejects to establish a context over an unencrypted connection", async () => {
    const { send, username, contexts } = service();
    const action = contextAction(contextWords13, "issue");
    const content = writeContextRequest(contextWords13, { operation: "issue" });
    const envelope = writeTrustEnvelope({ version: "1.2", action, content });
    const body = secureMessage(envelope, { tokens: [username("alice")], clock: { now: () => start } }).envelope;
    expect((await send(body, action, "1.2", false)).event).toMatchObject({
      error: { code: "ERR_WSS_INVALID_SECURITY" },
    });
    expect(contexts).toMatchObject({ size: 0 });
    expect((await send(body, action)).event).toMatchObject({ outcome: "admitted" });
  });

  it.each(["renew", "cancel"] as const)(
    "rejects that another owner does %s a context, which lives on (M11)",
    async (operation) => {
      const { establish, about, order, ask, username } = service();
      const [alices, bobs] = [await establish(), await establish(contextWords13, "bob")];
      const { event, text } = await about(operation, bobs, alices);
      expect(event).toMatchObject({ outcome: "refused", error: { code: "ERR_TRUST_REQUEST_FAILED" } });
      expect(text).toContain("wst:RequestFailed");
      const named = { words: contextWords13.conversation, identifier: alices.identifier, instance: "" };
      const target = writeContextReference(named);
      const byPassword = await ask(contextWords13, { operation, target }, { tokens: [username("bob")] });
      expect(byPassword.event).toMatchObject({ outcome: "refused" });
      expect((await order(alices)).verdict.kind).toBe("admitted");
      expect((await order(bobs)).verdict.kind).toBe("admitted");
    },
  );

  it("rejects a call that is played again", async () => {
    const { establish, send, under } = service();
    const context = await establish();
    const action = contextAction(contextWords13, "renew");
    const named = { words: contextWords13.conversation, identifier: context.identifier, instance: "" };
    const content = writeContextRequest(contextWords13, { operation: "renew", target: writeContextReference(named) });
    const envelope = writeTrustEnvelope({ version: "1.2", action, content });
    const body = secureMessage(envelope, under(contextWords13, context)).envelope;
    expect((await send(body, action)).event).toMatchObject({ outcome: "admitted" });
    expect((await send(body, action)).event).toMatchObject({ error: { code: "ERR_TOKEN_REPLAYED" } });
  });

  it("rejects a request whose action asks for something else with ERR_TRUST_INVALID_REQUEST", async () => {
    const { ask, establish, under, order } = service();
    const context = await establish();
    const named = { words: contextWords13.conversation, identifier: context.identifier, instance: "" };
    const { text, event } = await ask(
      contextWords13,
      { operation: "renew", target: writeContextReference(named) },
      under(contextWords13, context),
      contextAction(contextWords13, "cancel"),
    );
    expect(event).toMatchObject({ error: { code: "ERR_TRUST_INVALID_REQUEST" } });
    expect(text).toContain("wst:InvalidRequest");
    expect((await order(context)).verdict.kind).toBe("admitted");
  });
});

describe("replays", () => {
  it("rejects a message whose key is asked for with a zero octet more, under which the same signature holds", async () => {
    const { establish, order } = service();
    const context = await establish();
    let first = "";
    for (let tries = 0; first === "" && tries < 10_000; tries++) {
      await order(context, contextWords13, (text) => {
        const nonce = Buffer.from(/<wsc:Nonce>([^<]*)</.exec(text)?.[1] ?? "", "base64");
        const longer = pSha1(context.secret, seedOf(defaultLabel, nonce), 33);
        if (longer[32] === 0) first = text;
        return text;
      });
    }
    expect(first).toContain("<wsc:Length>32<");
    const again = await order(context, contextWords13, () => first.replace("<wsc:Length>32<", "<wsc:Length>33<"));
    expect(again.event).toMatchObject({ error: { code: "ERR_TOKEN_REPLAYED" } });
    const other = await order(context, contextWords13, () => first.replace("<wsc:Length>32<", "<wsc:Length>34<"));
    expect(other.event).toMatchObject({ error: { code: "ERR_WSS_FAILED_CHECK" } });
  });
});

describe("amendment", () => {
  it("accepts a further token of the same subject, and rejects one of another", async () => {
    const { ask, establish, under, username, order } = service();
    const context = await establish();
    const amend = (name: string) => {
      const { tokens = [], ...rest } = under(contextWords13, context);
      return ask(contextWords13, { operation: "amend" }, { ...rest, tokens: [...tokens, username(name)] });
    };
    expect((await amend("alice")).event).toMatchObject({ conversation: { operation: "amend" } });
    expect((await amend("bob")).event).toMatchObject({ error: { code: "ERR_TRUST_REQUEST_FAILED" } });
    const { tokens = [], ...rest } = under(contextWords13, context);
    const bare = await ask(contextWords13, { operation: "amend" }, { ...rest, tokens });
    expect(bare.event).toMatchObject({ outcome: "refused" });
    expect((await order(context)).verdict).toMatchObject({ security: { principal: { name: "alice" } } });
  });

  /** A service that also lets a partner's assertions about alice establish and amend contexts. */
  function partnered() {
    const [issuer, audience] = ["https://partner.example", "https://orders.example"];
    const validity = { notBefore: start - 3_600_000 };
    const authority = createTestAuthority({ subject: "CN=Root", ...validity });
    const partner = authority.issue({ subject: "CN=partner", ...validity });
    const key = { key: loadPrivateKey(partner.keyPair.privateKey, "key"), certificate: Certificate.parse(partner.der) };
    const contexts = new InMemorySecurityContextStore({ clock: { now: () => start } });
    const bootstrap = [
      usernameToken({ verify: (name, password) => password === `${name}'s`, over: "transport" }),
      saml2({ audience, confirm: "bearer", over: "transport" }),
    ];
    const of = service({
      trust: { issuers: [{ name: issuer, certificates: [partner.der] }] },
      accept: [securityContext({ contexts })],
      conversation: { contexts, bootstrap },
    });
    const lifetime = { created: start, expires: start + 600_000 };
    const assertion = (role: string) =>
      issueAssertion(
        {
          issuer,
          subject: { name: "alice" },
          audience,
          lifetime,
          confirmation: { method: "bearer" },
          attributes: [{ name: "role", values: [role] }],
        },
        key,
      ).xml;
    const amend = (context: Held, token: string) => {
      const { tokens = [], ...rest } = of.under(contextWords13, context);
      return of.ask(contextWords13, { operation: "amend" }, { ...rest, tokens: [...tokens, token] });
    };
    const claims = async (context: Held) => {
      const { verdict } = await of.order(context);
      return verdict.kind === "admitted" ? [...verdict.security.claims].flatMap(({ values }) => values) : verdict.kind;
    };
    return { ...of, assertion, amend, claims };
  }

  it("rejects a token of another issuer about somebody of the same name with ERR_TRUST_REQUEST_FAILED", async () => {
    const { establish, username, assertion, amend, claims } = partnered();
    const context = await establish();
    const { event } = await amend(context, assertion("admin"));
    expect(event).toMatchObject({ error: { code: "ERR_TRUST_REQUEST_FAILED" } });
    expect((await amend(context, username("alice"))).event).toMatchObject({ conversation: { operation: "amend" } });
    expect(await claims(context)).toEqual([]);
  });

  it("keeps what a token says once, however often it is shown", async () => {
    const { ask, held, assertion, amend, claims } = partnered();
    const { text } = await ask(contextWords13, { operation: "issue" }, { tokens: [assertion("clerk")] });
    const context = held(contextWords13, text, "issue");
    for (const role of ["clerk", "auditor", "auditor"]) {
      const { event } = await amend(context, assertion(role));
      expect(event).toMatchObject({ conversation: { operation: "amend" } });
    }
    expect(await claims(context)).toEqual(["clerk", "auditor"]);
  });
});

describe("requests about a context on a route that demands derived keys", () => {
  it("accepts one under a derived key, and rejects one under the context's own with ERR_WSS_FAILED_CHECK", async () => {
    for (const requireDerivedKeys of [true, false]) {
      const contexts = new InMemorySecurityContextStore({ clock: { now: () => start } });
      const bootstrap = [usernameToken({ verify: (name, password) => password === `${name}'s`, over: "transport" })];
      const { ask, establish, about } = service({
        accept: [securityContext({ contexts, requireDerivedKeys })],
        conversation: { contexts, bootstrap },
      });
      const context = await establish();
      expect((await about("renew", context)).event).toMatchObject({ conversation: { operation: "renew" } });
      const { conversation: words } = contextWords13;
      const name = { words, identifier: context.identifier, instance: context.instance };
      const token = issueSecurityContextToken(name);
      const reference = { by: "token", id: token.id, valueType: token.valueType } as const;
      const own = { key: secretKey(context.secret), reference, parts: ["body", "timestamp"] as const };
      const { event } = await ask(
        contextWords13,
        { operation: "renew", target: writeContextReference(name) },
        { tokens: [token.xml], signatures: [own], clock: { now: () => start } },
      );
      if (requireDerivedKeys) expect(event).toMatchObject({ error: { code: "ERR_WSS_FAILED_CHECK" } });
      else expect(event).toMatchObject({ conversation: { operation: "renew" } });
    }
  });
});

describe("revocation of a certificate", () => {
  const validity = { notBefore: start - 3_600_000 };
  const root = createTestAuthority({ subject: "CN=Root", ...validity });
  const alice = root.issue({ subject: "CN=alice", ...validity });
  const certificate = Certificate.parse(alice.der);
  const times = { issuer: root, thisUpdate: start - 60_000, nextUpdate: start + 3_600_000 };

  /** A service that lets a certificate establish contexts, and its owner's call: to establish one, or to amend it. */
  function asking(revocation: NonNullable<GuardOptions["trust"]>["revocation"]) {
    const contexts = new InMemorySecurityContextStore({ clock: { now: () => start } });
    const bootstrap = [x509({ subjects: ["CN=alice"], over: "transport" })];
    const trust = { authorities: [root.der], revocation };
    const { ask, held, under } = service({
      trust,
      accept: [securityContext({ contexts })],
      conversation: { contexts, bootstrap },
    });
    const signed = ({ tokens = [], signatures = [] }: Partial<SecureMessageOptions>) => {
      const { xml, id } = issueBinarySecurityToken([certificate]);
      const signature = {
        key: alice.keyPair.privateKey,
        reference: { by: "token", id },
        parts: ["body", "timestamp"],
      } as const;
      return { tokens: [...tokens, xml], signatures: [...signatures, signature] };
    };
    const establish = () => ask(contextWords13, { operation: "issue" }, signed({}));
    const amend = (text: string) =>
      ask(contextWords13, { operation: "amend" }, signed(under(contextWords13, held(contextWords13, text, "issue"))));
    return { establish, amend };
  }

  it("accepts an establishment and an amendment by what was found, and records it, where nobody could tell too", async () => {
    for (const [revocation, status] of [
      [{ mode: "crl", crls: [createTestRevocationList(times)] }, "good"],
      [
        { mode: "crl", softFail: true, crls: [createTestRevocationList({ ...times, nextUpdate: start - 120_000 })] },
        "undetermined",
      ],
    ] as const) {
      const { establish, amend } = asking(revocation);
      const { text, event } = await establish();
      expect(event).toMatchObject({ conversation: { operation: "issue" }, revocation: { status } });
      expect((await amend(text)).event).toMatchObject({ conversation: { operation: "amend" }, revocation: { status } });
    }
  });

  it("rejects an establishment by a revoked certificate with ERR_TOKEN_REVOKED", async () => {
    const revoked = [{ serialNumber: certificate.serialNumber }];
    const { establish } = asking({ mode: "crl", crls: [createTestRevocationList({ ...times, revoked })] });
    expect((await establish()).event).toMatchObject({ outcome: "refused", error: { code: "ERR_TOKEN_REVOKED" } });
  });
});

describe("replies", () => {
  const reply = (body: string) => ({ status: 200, headers: {}, body: Buffer.from(body) });
  const answer = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><done/></s:Body></s:Envelope>';

  it("signs them under the context of the request, and rejects such a reply as a request", async () => {
    const { establish, order, guard, send } = service({ reply: { sign: "context" } });
    const { verdict } = await order(await establish());
    if (verdict.kind !== "admitted") throw new TypeError("not admitted");
    const { body } = await guard.secureReply(verdict.security, reply(answer));
    expect(Buffer.from(body ?? "").toString()).toContain("hmac-sha256");
    const { event } = await send(body ?? "", "urn:order");
    expect(event).toMatchObject({
      error: { code: "ERR_WSS_FAILED_CHECK", reason: expect.stringContaining("sent back") },
    });
  });

  it("rejects a reply as a request wherever its Label is said to end", async () => {
    const { establish, order, guard, send } = service({ reply: { sign: "context" } });
    const { verdict } = await order(await establish());
    if (verdict.kind !== "admitted") throw new TypeError("not admitted");
    const { body } = await guard.secureReply(verdict.security, reply(answer));
    const moved = Buffer.from(body ?? "")
      .toString()
      .replace(/<wsc:Label>(.*)ation<\/wsc:Label><wsc:Nonce>([^<]*)</, (_, label: string, nonce: string) => {
        const octets = Buffer.concat([Buffer.from("ation"), Buffer.from(nonce, "base64")]);
        return `<wsc:Label>${label}</wsc:Label><wsc:Nonce>${octets.toString("base64")}<`;
      });
    expect(moved).not.toContain("Conversation</wsc:Label>");
    const { event } = await send(moved, "urn:order");
    expect(event).toMatchObject({ error: { reason: expect.stringContaining("sent back") } });
  });
});

describe("an outage of the store", () => {
  const silent = { find: "unavailable", create: "unavailable", amend: "", renew: "", cancel: "" } as const;
  const outages: [string, () => never | "unavailable" | Promise<never>][] = [
    ["an answer that it cannot tell", () => "unavailable"],
    [
      "a throw",
      () => {
        throw new Error("down");
      },
    ],
    ["a rejection", () => Promise.reject(new Error("down"))],
  ];

  it.each(outages)("answers 503 after %s, whether the signature is good or not", async (_, answerOf) => {
    const store = Object.fromEntries(Object.keys(silent).map((name) => [name, answerOf]));
    const { order, ask, username } = service({}, store as unknown as SecurityContextStore);
    const context = { identifier: "urn:uuid:1", instance: "", secret: Buffer.alloc(32), expires: undefined };
    const issued = await ask(contextWords13, { operation: "issue" }, { tokens: [username("alice")] });
    for (const { verdict } of [await order(context), issued]) {
      expect(verdict).toMatchObject({ kind: "answered", reply: { status: 503 } });
    }
  });
});

describe("options", () => {
  const contexts = new InMemorySecurityContextStore();
  const passwords = usernameToken({ verify: () => true, over: "transport" });
  const { certificate } = createTestCertificate({ subject: "CN=alice" });
  const base = { origin: "https://orders.example", accept: [passwords], trust: { certificates: [certificate] } };
  const wrong: [string, string, Partial<GuardOptions>][] = [
    [
      "a bootstrap that rests on a signature alone",
      "conversation.bootstrap[0].over",
      { conversation: { contexts, bootstrap: [x509()] } },
    ],
    [
      "a bootstrap by a context",
      "conversation.bootstrap[0]",
      { conversation: { contexts, bootstrap: [securityContext({ contexts })] } },
    ],
    ["no bootstrap", "conversation.bootstrap", { conversation: { contexts, bootstrap: [] } }],
    [
      "a bootstrap that can never hold",
      "conversation.bootstrap[0].verify",
      { conversation: { contexts, bootstrap: [usernameToken({ over: "transport" })] } },
    ],
    ["no store", "conversation.contexts", { conversation: { contexts: undefined as never, bootstrap: [passwords] } }],
    [
      "two stores",
      "accept[0].contexts",
      {
        accept: [securityContext({ contexts: new InMemorySecurityContextStore() })],
        conversation: { contexts, bootstrap: [passwords] },
      },
    ],
    [
      "a Body that nothing protects",
      "accept[0].signed",
      { accept: [securityContext({ contexts, signed: ["timestamp"] })] },
    ],
    ["replies under contexts that there are none of", "reply.sign", { reply: { sign: "context" } }],
    [
      "a life of more than 12 hours",
      "conversation.lifetimeSeconds",
      { conversation: { contexts, bootstrap: [passwords], lifetimeSeconds: 43_201 } },
    ],
  ];

  it.each(wrong)("rejects %s", (_, option, more) => {
    expect(() => createGuard({ ...base, ...more })).toThrow(expect.objectContaining({ option }));
    expect(() => createGuard({ ...base, ...more })).toThrow(ConfigurationError);
  });

  it("accepts a signature bootstrap over the transport", () => {
    const conversation = { contexts, bootstrap: [x509({ over: "transport", signed: ["body", "timestamp"] })] };
    expect(() => createGuard({ ...base, conversation })).not.toThrow();
  });
});
