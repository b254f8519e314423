import { type Broker, createBroker, type ServedBroker, serve } from "@countersign/broker";
import { createTestAuthority } from "@countersign/core/testing";
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { audience, type OrderService, startOrderServices } from "./services.js";

/** The name under which the demo's broker issues tokens. */
export const issuer = "https://sts.example";
/** Another service that the broker knows: its tokens are not for the order service. */
export const otherAudience = "urn:example:payroll";
/** The issuer of JWTs. */
export const jwtIssuer = "https://idp.example";

/** Everybody that the identity provider knows. */
const people = new Map([["alice", { password: "wonderland", role: "clerk" }]]);

/** Everything that the stories happen in: keys, a broker, and the order service on three frameworks, all on loopback. */
export interface World {
  /** PEM of the authority that issued every TLS certificate here. */
  readonly authority: string;
  readonly broker: ServedBroker;
  /** A broker that nobody here trusts. */
  readonly foreignBroker: ServedBroker;
  readonly services: readonly OrderService[];
  /** A key and certificate that the order service trusts. */
  readonly partner: { readonly privateKey: string; readonly certificate: string };
  /** The certificate that the order service signs its replies with. */
  readonly serviceCertificate: string;
  readonly brokerCertificate: string;
  /** How often the identity provider was asked. */
  readonly authentications: () => number;
  readonly jwtFor: (subject: string, audience: string) => Promise<string>;
  close(): Promise<void>;
}

/** Makes the keys and starts everything on free loopback ports. */
export async function startWorld(): Promise<World> {
  const authority = createTestAuthority({ subject: "CN=Demo CA" });
  const tls = authority.issue({ subject: "CN=localhost", alternativeNames: [{ dns: "localhost" }] });
  const signing = authority.issue({ subject: "CN=Demo STS", keyType: "rsa" });
  const foreign = authority.issue({ subject: "CN=Foreign STS", keyType: "rsa" });
  const service = authority.issue({ subject: "CN=orders", keyType: "rsa" });
  const partner = authority.issue({ subject: "CN=partner,O=Example", keyType: "rsa" });
  const jwtKeys = await generateKeyPair("ES256");

  let authentications = 0;
  const authenticate = (name: string, password: string) => {
    authentications++;
    const person = people.get(name);
    return person?.password === password ? { name, claims: { role: [person.role] } } : undefined;
  };
  const brokerOf = (name: string, key: { privateKey: string; certificate: string }): Broker =>
    createBroker({
      issuer: name,
      origin: name,
      signing: { key: key.privateKey, certificate: key.certificate },
      identityProvider: authenticate,
      relyingParties: [{ appliesTo: audience, claims: ["role"] }, { appliesTo: otherAudience }],
    });
  const serverTls = { key: tls.privateKey, certificate: tls.certificate };
  const broker = await serve(brokerOf(issuer, signing), { port: 0, host: "localhost", tls: serverTls });
  const foreignBroker = await serve(brokerOf("https://sts.elsewhere", foreign), {
    port: 0,
    host: "localhost",
    tls: serverTls,
  });
  const services = await startOrderServices({
    tls: serverTls,
    issuer: { name: issuer, certificates: [signing.certificate] },
    partner: partner.certificate,
    reply: { key: service.privateKey, certificate: service.certificate },
    jwt: { issuer: jwtIssuer, key: await exportSPKI(jwtKeys.publicKey) },
    checkPassword: (name, password) => authenticate(name, password) !== undefined,
  });
  return {
    authority: authority.certificate,
    broker,
    foreignBroker,
    services,
    partner: { privateKey: partner.privateKey, certificate: partner.certificate },
    serviceCertificate: service.certificate,
    brokerCertificate: signing.certificate,
    authentications: () => authentications,
    jwtFor: (subject, to) =>
      new SignJWT({ role: "clerk" })
        .setProtectedHeader({ alg: "ES256" })
        .setIssuer(jwtIssuer)
        .setAudience(to)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(jwtKeys.privateKey),
    async close() {
      await Promise.all([broker, foreignBroker, ...services].map((running) => running.close()));
    },
  };
}
