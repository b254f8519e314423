import { CountersignError } from "@countersign/core";
import { parseAssertion, scan, tokenTypes, trust13, wstNamespace } from "@countersign/core/sts";
import { testKeyPair } from "@countersign/core/testing";
import { describe } from "vitest";
import { namespaces } from "../support/namespaces.js";
import { type Answer, ask, possession, type Question, questionMessage, responseIn } from "../trust/ask.js";
import { noon, ordersUrl, stsUrl, testBroker, toServerRequest } from "../trust/estate.js";
import { about, contentIn, tokenIn } from "../trust/exchange.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";

/*
 * What requestors ask of a broker beyond what they may have. Every requestor here gives a right password.
 */

const keys = testKeyPair("ec", "requestor");
const others = testKeyPair("ec", "somebody else");
const hour = 3_600_000;
const rst = (content: string) =>
  `<wst:RequestSecurityToken xmlns:wst="${wstNamespace}"><wst:RequestType>${wstNamespace}/Issue</wst:RequestType>${content}</wst:RequestSecurityToken>`;
const assertionIn = (answer: Answer) => parseAssertion(scan(Buffer.from(responseIn(answer).requestedSecurityToken)), 0);

/** A case: the genuine request gets a token, and the question gets none. Its verdict is the fault. */
const refused =
  (question: Question, genuine: Question = {}) =>
  async (expect: (value: unknown) => { toBe(expected: unknown): void }): Promise<AttackVerdict> => {
    const { broker, clock, events } = testBroker();
    expect((await ask(broker, clock, genuine)).status).toBe(200);
    const answer = await ask(broker, clock, question);
    expect(answer.text.includes("Assertion")).toBe(false);
    expect(events.at(-1)?.outcome).toBe("refused");
    return answer.status === 413 ? "413" : (answer.fault as AttackVerdict);
  };

attack("J7", "many requestors at once", async (expect) => {
  const { broker, clock } = testBroker({
    identityProvider: async (name) => {
      // The first ones come back last.
      await new Promise((resolve) => setTimeout(resolve, 20 - Number(name)));
      return { name: `${name}@example`, claims: { role: [name] } };
    },
  });
  const names = Array.from({ length: 20 }, (_, index) => String(index));
  const answers = await Promise.all(names.map((name) => ask(broker, clock, { name })));
  const said = answers.map((answer) => {
    const { subject, attributes } = assertionIn(answer);
    return [subject?.nameId?.value, attributes[0]?.values[0]];
  });
  expect(said).toEqual(names.map((name) => [`${name}@example`, name]));
  return "holds" as const;
});

describe("lifetimes", () => {
  for (const [title, lifetime] of [
    ["inverted", { created: noon + 2000, expires: noon + 1000 }],
    ["empty", { created: noon, expires: noon }],
    ["over", { created: noon - 2 * hour, expires: noon - hour }],
    ["a minute and a second ahead", { created: noon + 61_000, expires: noon + hour }],
  ] as const) {
    attack("J14", title, refused({ request: { lifetime } }));
  }
  attack("J14", "a century is cut to the maximum", async (expect) => {
    const { broker, clock } = testBroker();
    const { conditions } = assertionIn(
      await ask(broker, clock, { request: { lifetime: { expires: noon + 36_525 * 24 * hour } } }),
    );
    expect(conditions?.notOnOrAfter).toBe(noon + 12 * hour);
    return "holds" as const;
  });
});

for (const [title, appliesTo] of [
  ["nothing", undefined],
  ["an unknown service", "https://unknown.example"],
  ["a path below", `${ordersUrl}/..`],
  ["a path traversal", `${ordersUrl}/../../admin`],
  ["capitals", ordersUrl.toUpperCase()],
  ["a fragment", `${ordersUrl}#x`],
  ["an internal address", "http://169.254.169.254/latest/meta-data"],
  ["a file", "file:///etc/passwd"],
  ["a property name", "__proto__"],
] as const) {
  attack("J15", title, refused({ request: { appliesTo } }));
}

for (const [title, content] of [
  ["KeySize 0", "<wst:KeySize>0</wst:KeySize>"],
  ["KeySize 2^31", "<wst:KeySize>2147483648</wst:KeySize>"],
  ["KeySize -1", "<wst:KeySize>-1</wst:KeySize>"],
  ["KeySize that is no number", "<wst:KeySize>256x</wst:KeySize>"],
  ["empty entropy", `<wst:Entropy><wst:BinarySecret Type="${wstNamespace}/Nonce"></wst:BinarySecret></wst:Entropy>`],
  ["P_SHA1", `<wst:ComputedKeyAlgorithm>${wstNamespace}/CK/PSHA1</wst:ComputedKeyAlgorithm>`],
] as const) {
  attack("J16", title, refused({ content: rst(content) }));
}

attack("J16", "a symmetric key without entropy", refused({ request: { keyType: "symmetric-key" } }));

const withKey: Question["request"] = { keyType: "public-key", useKey: { publicKey: keys.publicKey } };
const proved: Question = { request: withKey, signatures: [possession(keys)] };
for (const [title, question] of [
  ["no signature", { request: withKey }],
  ["another key's signature", { request: withKey, signatures: [possession(others)] }],
  ["a signature over the Timestamp alone", { request: withKey, signatures: [possession(keys, ["timestamp"])] }],
  [
    "somebody else's key",
    { request: { ...withKey, useKey: { publicKey: others.publicKey } }, signatures: [possession(keys)] },
  ],
] as const) {
  attack("J17", title, refused(question, proved));
}

const hostile =
  'x</saml2:AttributeValue></saml2:Attribute><saml2:Attribute Name="role"><saml2:AttributeValue>admin]]>&<!--"';
attack("J18", "markup in claims and names", async (expect) => {
  const { broker, clock } = testBroker({
    identityProvider: async () => ({ name: hostile, claims: { role: hostile } }),
  });
  const { attributes, subject } = assertionIn(await ask(broker, clock));
  expect(attributes.map(({ name, values }) => [name, values])).toEqual([["role", [hostile]]]);
  expect(subject?.nameId?.value).toBe(hostile);
  return "holds" as const;
});
for (const value of ["]]>", "<?x y?>", "<!DOCTYPE x [<!ENTITY e 'x'>]>&e;", "<!-- -->", "\r\n\t"]) {
  attack("J19", JSON.stringify(value), async (expect) => {
    const { broker, clock } = testBroker({
      identityProvider: async () => ({ name: `a${value}b`, claims: { role: value } }),
    });
    const answer = await ask(broker, clock);
    const { attributes, subject } = assertionIn(answer);
    expect([attributes[0]?.values, subject?.nameId?.value]).toEqual([[value], `a${value}b`]);
    expect(answer.text).not.toMatch(/<[?!]/);
    return "holds" as const;
  });
}
for (const character of ["\u0000", "\u000b", "\ufffe", "\ud800"]) {
  attack("J19", `${JSON.stringify(character)}, which XML does not have`, async (expect) => {
    const { broker, clock, events } = testBroker({ identityProvider: async () => ({ name: `a${character}` }) });
    const answer = await ask(broker, clock);
    expect([answer.fault, answer.text.includes("Assertion"), events.at(-1)?.outcome]).toEqual([
      "wst:RequestFailed",
      false,
      "refused",
    ]);
    return "holds" as const;
  });
}

for (const header of ["ReplyTo", "FaultTo", "From"]) {
  attack("J20", `${header} of an internal host`, async (expect) => {
    const { broker, clock } = testBroker();
    const block = `<wsa:${header} xmlns:wsa="${namespaces.wsa}"><wsa:Address>http://10.0.0.1/steal</wsa:Address></wsa:${header}>`;
    const tamper = (message: string) => message.replace("<wsa:To ", `${block}<wsa:To `);
    for (const question of [{ tamper }, { tamper, request: { appliesTo: undefined } }, { tamper, password: "x" }]) {
      expect((await ask(broker, clock, question)).text).not.toContain("10.0.0.1");
    }
    // The answer is on the connection, and nothing else was sent: the broker has nothing that could fetch.
    expect((await ask(broker, clock, { tamper })).status).toBe(200);
    return "holds" as const;
  });
}

const many = (count: number) => rst("").repeat(count);
attack("J21", "ten thousand requests, which are too many octets", async (expect) => {
  const { broker, clock } = testBroker();
  expect((await ask(broker, clock)).status).toBe(200);
  const { body, contentType } = questionMessage(clock, { content: many(10_000) });
  const request = toServerRequest({
    method: "POST",
    url: new URL(stsUrl),
    headers: { "content-type": contentType },
    body,
  });
  // The adapters' body readers keep to the limit that they are given.
  const read = async (limit: number) => {
    if (body.length > limit) throw new CountersignError("ERR_HTTP_TOO_LARGE", { reason: "the body is too large" });
    return body;
  };
  return String((await broker.handle({ ...request, body: read })).status) as "413";
});
attack("J21", "two requests", refused({ content: many(2) }));
attack("J21", "a thousand requests", refused({ content: many(1000) }));
attack("J21", "a collection of requests", async (expect) => {
  const collection = `<wst:RequestSecurityTokenCollection xmlns:wst="${wstNamespace}">${many(100)}</wst:RequestSecurityTokenCollection>`;
  // It is not the Body of the action: refused before anybody looks into it, with the neutral fault.
  const fault: string = await refused({ content: collection })(expect);
  expect(fault).toBe("wsse:InvalidSecurity");
  return "IS" as const;
});
attack("J21", "a collection of a hundred requests under its own action", async (expect) => {
  const { broker, clock } = testBroker();
  const batch = many(100).replaceAll("200512/Issue<", "200512/BatchIssue<");
  const content = `<wst:RequestSecurityTokenCollection xmlns:wst="${wstNamespace}">${batch}</wst:RequestSecurityTokenCollection>`;
  const answer = await ask(broker, clock, { content, action: trust13.batchTypes.issue });
  expect(answer.text.includes("Assertion")).toBe(false);
  return answer.fault as "wst:BadRequest";
});

/** A broker whose rules let bob act for those who sent him a token, and alice's token for an address of his. */
async function delegated(question: Question = {}) {
  const rule = {
    delegates: ["bob@example"],
    kinds: ["on-behalf-of", "act-as"],
    audiences: [ordersUrl],
    appliesTo: ["https://bearer-only.example"],
  } as const;
  const estate = testBroker({ delegation: [rule] });
  return { ...estate, token: tokenIn(await ask(estate.broker, estate.clock, question)) };
}

const bob = { name: "bob", password: "builder" };
const onBehalfOf = (token: string): Question => ({
  ...bob,
  request: { appliesTo: "https://bearer-only.example", onBehalfOf: token },
});

for (const [title, question] of [
  ["a token that is tied to a key", proved],
  ["a token for another audience", { request: { appliesTo: "https://bearer-only.example" } }],
] as const) {
  attack("J13", title, async (expect) => {
    const genuine = await delegated();
    expect((await ask(genuine.broker, genuine.clock, onBehalfOf(genuine.token))).status).toBe(200);
    const { broker, clock, token } = await delegated(question);
    const answer = await ask(broker, clock, onBehalfOf(token));
    expect(answer.text.includes("Assertion")).toBe(false);
    return answer.fault as "wst:InvalidSecurityToken";
  });
}
attack("J13", "a token of another realm", async (expect) => {
  const { broker, clock, token } = await delegated();
  expect((await ask(broker, clock, onBehalfOf(token))).status).toBe(200);
  const elsewhere = testBroker({ issuer: "https://sts.elsewhere" });
  const foreign = tokenIn(await ask(elsewhere.broker, elsewhere.clock));
  return (await ask(broker, clock, onBehalfOf(foreign))).fault as "wst:InvalidSecurityToken";
});

const renewable = { renewing: { allow: true, afterExpiry: true } };
/** A broker, alice's token, and that its renewal is right where nothing was changed. */
async function renewal(question: Question) {
  const estate = testBroker({ relyingParties: [{ appliesTo: ordersUrl, renewAfterExpirySeconds: 1800 }] });
  return { ...estate, token: tokenIn(await ask(estate.broker, estate.clock, question)) };
}
for (const [title, question, seconds, asked] of [
  ["not allowed", {}, 0, {}],
  ["31 minutes after its end", { request: renewable }, 1800 + 1860, {}],
  ["without proof of possession", { ...proved, request: { ...withKey, ...renewable } }, 0, {}],
  ["by somebody else", { request: renewable }, 0, bob],
] as const) {
  attack("J11", title, async (expect) => {
    const genuine = await renewal({ request: renewable });
    genuine.clock.pass(1800 + 1740);
    expect((await ask(genuine.broker, genuine.clock, about("renew", genuine.token))).status).toBe(200);
    const { broker, clock, token } = await renewal(question);
    clock.pass(seconds);
    const answer = await ask(broker, clock, about("renew", token, asked));
    expect(answer.text.includes("Assertion")).toBe(false);
    return answer.fault as "wst:UnableToRenew";
  });
}

attack("J12", "cancel by another", async (expect) => {
  const { broker, clock, token } = await renewal({});
  const answer = await ask(broker, clock, about("cancel", token, bob));
  expect(contentIn(await ask(broker, clock, about("validate", token))).status?.valid).toBe(true);
  expect((await ask(broker, clock, about("cancel", token))).status).toBe(200);
  return answer.fault as "wst:RequestFailed";
});

attack(
  "J22",
  "another key type in SecondaryParameters",
  refused({
    content: rst(
      `<wst:KeyType>${trust13.keyTypes.bearer}</wst:KeyType>` +
        `<wst:SecondaryParameters><wst:KeyType>${trust13.keyTypes["public-key"]}</wst:KeyType></wst:SecondaryParameters>`,
    ),
  }),
);
attack(
  "J22",
  "another token type in SecondaryParameters",
  refused({
    content: rst(
      `<wst:TokenType>${tokenTypes.saml2}</wst:TokenType>` +
        `<wst:SecondaryParameters><wst:TokenType>${tokenTypes.saml11}</wst:TokenType></wst:SecondaryParameters>`,
    ),
  }),
);
