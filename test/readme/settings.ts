/**
 * What the documents import from `./settings.js`: trial certificates, keys and users. A reader puts their own there.
 */
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Writable } from "node:stream";
import { createTestAuthority, createTestRevocationList, crypto } from "@countersign/core/testing";

const authority = createTestAuthority({ subject: "CN=Trial CA" });
const server = authority.issue({
  subject: "CN=example",
  alternativeNames: ["orders.example", "sts.example", "localhost"].map((dns) => ({ dns })),
});
const sts = authority.issue({ subject: "CN=sts.example", keyType: "rsa" });
const orders = authority.issue({ subject: "CN=orders.example", keyType: "rsa" });
const partners = createTestAuthority({ subject: "CN=Partner CA", keyType: "rsa" });
const idp = authority.issue({ subject: "CN=idp.example", keyType: "ec" });

/** The authority of every TLS certificate here, PEM. */
export const ca = authority.certificate;
/** Key and certificate of every server here, as `node:https` takes them. */
export const tls = { key: server.privateKey, cert: server.certificate };

/** What seals the sessions of a policy server: 32 random octets. */
export const sealingKey = randomBytes(32);

/** The password by which the order service is known to the broker. */
export const servicePassword = "order's";

/** The password of the account that searches the directory. */
export const searchPassword = "searcher's";

/** What the broker signs with. */
export const signing = { key: sts.privateKey, certificate: sts.certificate };
export const stsCertificate = sts.certificate;
/** What the order service signs its replies with. */
export const ordersKey = orders.privateKey;
export const ordersCertificate = orders.certificate;

/** The authority that issues certificates to partners. */
export const partnerAuthority = partners.certificate;
/** A partner's key and certificate. */
export const partner = (subject: string) => partners.issue({ subject, keyType: "rsa" });

/** A key and certificate of a partner that lost them. */
export const lostPartner = partner("CN=acme,O=Partner");
/** The list on which the partners' authority says so. */
export const partnerList = createTestRevocationList({
  issuer: partners,
  revoked: [{ serialNumber: crypto.Certificate.parse(lostPartner.der).serialNumber, reason: 1 }],
});
const trader = partner("CN=trader");
/** A partner's key and certificate. */
export const partnerKey = trader.privateKey;
export const partnerCertificate = trader.certificate;

/** Where a service keeps what came with a message. */
export const archive = (_id: string): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** The public key of an identity provider's JWTs. */
export const idpKey = idp.certificate;
/** Its private key. */
export const idpPrivateKey = idp.keyPair.privateKey;

interface Entry {
  readonly name: string;
  readonly password: string;
  readonly roles: readonly string[];
}

const people: ReadonlyMap<string, Entry> = new Map([
  ["alice", { name: "alice", password: "wonderland", roles: ["clerk"] }],
  ["bob", { name: "bob", password: "builder", roles: ["guest"] }],
]);

const check = async (name: string, password: string): Promise<Entry | undefined> => {
  const entry = people.get(name);
  return entry?.password === password ? entry : undefined;
};

/** What the order service says of itself. */
export const ordersWsdl = resolve(import.meta.dirname, "../interop/python/order.wsdl");

/** The directory that brokers and policy servers ask. */
export const directory = { check, find: async (name: string): Promise<Entry | undefined> => people.get(name) };
/** The user store of a service. */
export const users = { check: async (name: string, password: string) => (await check(name, password)) !== undefined };
/** Alice types her password. */
export const askForPassword = async () => "wonderland";
