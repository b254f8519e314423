import { saml2, usernameToken, x509 } from "@countersign/core";
import {
  Certificate,
  type IssuedEncryptedKey,
  issueAssertion,
  issueBinarySecurityToken,
  issueEncryptedKey,
  issueUsernameToken,
  type KeyReference,
  type OutboundSignature,
  randomOctets,
  type SecureMessageOptions,
  secretKey,
  secureMessage,
} from "@countersign/core/sts";
import { describe } from "vitest";
import { credentials } from "../support/credentials.js";
import { decryptionKey } from "../support/encryption.js";
import { namespaces } from "../support/namespaces.js";
import { attack } from "./attack.js";
import type { AttackVerdict } from "./catalogue.js";
import { replaced } from "./support/edit.js";
import { Route } from "./support/route.js";

/*
 * Keys that travel in an EncryptedKey: anybody can make one for the service, so that what is signed with it must be tied to
 * somebody by a certificate that endorses it, or by a token that is signed and encrypted with it.
 */

const { issuer, signer, service, stranger } = credentials();
const forService = Certificate.load(service.certificate, "certificate");
const forSigner = Certificate.load(signer.certificate, "certificate");
const password = "correct horse";
const trust = { certificates: [signer.certificate], decryption: [decryptionKey(service)] };
const byCertificate = new Route({ trust, accept: [x509()] });
const byPassword = new Route({
  trust,
  accept: [usernameToken({ verify: (_, given) => given === password, over: "encrypted-key" })],
});

const plain = `<s:Envelope xmlns:s="${namespaces.soap}"><s:Body><o:Order xmlns:o="urn:orders">anvil</o:Order></s:Body></s:Envelope>`;
const secure = (options: SecureMessageOptions): string =>
  Buffer.from(secureMessage(plain, options).envelope).toString();
const held = () => issueEncryptedKey({ for: forService });
const mac = ({ key, id }: IssuedEncryptedKey, more: Partial<OutboundSignature> = {}): OutboundSignature => ({
  key,
  reference: { by: "encrypted-key", id },
  parts: ["body", "timestamp"],
  id: "SIG-1",
  ...more,
});
const endorsing = (key = signer.privateKey): OutboundSignature => ({
  key,
  reference: { by: "token", id: "X509-1" },
  parts: [],
  ids: ["SIG-1"],
});
const endorsed = (key = held(), first = mac(key)) =>
  secure({ tokens: [key.xml, issueBinarySecurityToken([forSigner], "X509-1").xml], signatures: [first, endorsing()] });

const user = () => issueUsernameToken({ name: "alice", password, as: "text", now: Date.now(), id: "UT-1" }).xml;
const under = ({ secret, id }: IssuedEncryptedKey) => {
  const named: KeyReference = { by: "encrypted-key", id };
  return { for: { secret, named }, parts: ["token"] } as const;
};
const signedIn = (key = held(), more: Partial<SecureMessageOptions> = {}) =>
  secure({ tokens: [key.xml, user()], signatures: [mac(key, { ids: ["UT-1"] })], encrypt: under(key), ...more });

const cipherValue = /<xenc:CipherValue>[^<]*<\/xenc:CipherValue>(?=<\/xenc:CipherData><\/xenc:EncryptedKey>)/;
const cipherValueOf = (xml: string): string => cipherValue.exec(xml)?.[0] ?? "";

/** Shows that the genuine message is admitted, then what the attack comes to. */
const against = (route: Route, genuine: () => string, evil: () => string) => async (): Promise<AttackVerdict> => {
  const { decision } = await route.send({ soap: "1.1", body: genuine() });
  if (decision.kind !== "admitted") throw new TypeError("the genuine message was not admitted");
  return route.refuses({ soap: "1.1", body: evil() });
};

describe("a key of the attacker's own", () => {
  attack(
    "D17",
    "signs and nobody endorses",
    against(byCertificate, endorsed, () => {
      const key = held();
      return secure({ tokens: [key.xml], signatures: [mac(key)] });
    }),
  );
  attack(
    "D17",
    "signs beside somebody's certificate",
    against(byCertificate, endorsed, () => {
      const key = held();
      return secure({ tokens: [key.xml, issueBinarySecurityToken([forSigner]).xml], signatures: [mac(key)] });
    }),
  );
  attack(
    "D8",
    "in the place of the sender's",
    against(byCertificate, endorsed, () => replaced(endorsed(), cipherValue, cipherValueOf(held().xml))),
  );
  attack(
    "D8",
    "signs a new Body, and the sender's signature stays",
    against(byCertificate, endorsed, () => {
      const genuine = endorsed();
      const evil = endorsed();
      // Its own key, Timestamp, Body and signature, under a signature that endorses the sender's.
      const endorsement = genuine.slice(genuine.lastIndexOf("<ds:Signature "), genuine.indexOf("</wsse:Security>"));
      return (
        evil.slice(0, evil.lastIndexOf("<ds:Signature ")) + endorsement + evil.slice(evil.indexOf("</wsse:Security>"))
      );
    }),
  );
  attack(
    "C3",
    "is the public key of the certificate, in HMAC",
    against(byCertificate, endorsed, () => {
      const key = held();
      const spki = signer.publicKey.export({ type: "spki", format: "der" }).subarray(0, 64);
      const confused = secure({
        tokens: [key.xml, issueBinarySecurityToken([forSigner], "X509-1").xml],
        signatures: [mac({ ...key, secret: spki }, { reference: { by: "token", id: "X509-1" } }), endorsing()],
      });
      return confused;
    }),
  );
  attack(
    "F3",
    "endorsed by a stranger under the sender's name",
    against(byCertificate, endorsed, () => {
      const key = held();
      return secure({
        tokens: [key.xml, issueBinarySecurityToken([forSigner], "X509-1").xml],
        signatures: [mac(key), endorsing(stranger.privateKey)],
      });
    }),
  );
});

describe("a password under somebody's key", () => {
  attack(
    "D7",
    "not covered by the signature",
    against(byPassword, signedIn, () => {
      const key = held();
      return signedIn(key, { signatures: [mac(key)] });
    }),
  );
  attack(
    "D7",
    "as cipher text of another message, signed with a key of the attacker's own",
    against(byPassword, signedIn, () => {
      // What the attacker has: a message whose token he cannot read. He signs the cipher text with a key of his own.
      const victim = signedIn();
      const data = /<xenc:EncryptedData .*?<\/xenc:EncryptedData>/.exec(victim)?.[0] ?? "";
      const list = /<xenc:ReferenceList .*?<\/xenc:ReferenceList>/.exec(victim)?.[0] ?? "";
      const theirs = /<xenc:EncryptedKey .*?<\/xenc:EncryptedKey>/.exec(victim)?.[0] ?? "";
      const key = held();
      const mine = secure({ tokens: [theirs, key.xml], signatures: [mac(key)] });
      return replaced(mine, "</wsse:Security>", `${data}${list}</wsse:Security>`);
    }),
  );
  attack(
    "D14",
    "whose EncryptedKey names a Recipient",
    against(byPassword, signedIn, () =>
      replaced(signedIn(), "<xenc:EncryptedKey ", '<xenc:EncryptedKey Recipient="x" '),
    ),
  );
});

describe("a symmetric key that an assertion confirms", () => {
  const byProof = new Route({
    trust: { ...trust, issuers: [{ name: "https://sts.example", certificates: [issuer.certificate] }] },
    accept: [saml2({ audience: "urn:orders", confirm: "holder-of-key" })],
  });
  const confirmed = (secret: Uint8Array, by = issuer) => {
    const now = Date.now();
    return issueAssertion(
      {
        issuer: "https://sts.example",
        subject: { name: "alice" },
        audience: "urn:orders",
        lifetime: { created: now, expires: now + 300_000 },
        confirmation: { method: "holder-of-key", secret, for: forService },
      },
      { key: by.privateKey },
    );
  };
  const proved = (secret: Uint8Array = randomOctets(32), { xml, id } = confirmed(secret)) =>
    secure({
      tokens: [xml],
      signatures: [{ key: secretKey(secret), reference: { by: "saml2", id }, parts: ["body", "timestamp"] }],
    });

  attack(
    "G2",
    "proved with another symmetric key",
    against(byProof, proved, () => proved(randomOctets(32), confirmed(randomOctets(32)))),
  );
  attack(
    "G2",
    "proved with a key encrypted beside the assertion",
    against(byProof, proved, () => {
      const key = held();
      return secure({ tokens: [confirmed(randomOctets(32)).xml, key.xml], signatures: [mac(key)] });
    }),
  );
  attack(
    "G4",
    "which the attacker made and put in",
    against(byProof, proved, () => {
      const mine = randomOctets(32);
      const { xml, id } = confirmed(randomOctets(32));
      const key = /<xenc:EncryptedKey .*<\/xenc:EncryptedKey>/;
      return proved(mine, { xml: replaced(xml, key, () => key.exec(confirmed(mine).xml)?.[0] ?? ""), id, digest: "" });
    }),
  );
  attack(
    "G4",
    "of an issuer's double",
    against(byProof, proved, () => {
      const mine = randomOctets(32);
      return proved(mine, confirmed(mine, stranger));
    }),
  );
});

describe("a key that only the message names", () => {
  attack(
    "C1",
    "as the key value of a listed certificate, signed with another key",
    against(byCertificate, endorsed, () =>
      secure({
        signatures: [
          {
            key: stranger.privateKey,
            reference: { by: "key-value", key: signer.publicKey },
            parts: ["body", "timestamp"],
          },
        ],
      }),
    ),
  );
});
