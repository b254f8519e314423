import {
  type AssertionSyntax,
  allowInsecureTransport,
  Certificate,
  type Clock,
  contextWords13,
  contextWords2005,
  defaultSuite,
  loadDecryptionKeys,
  systemClock,
  verifyAssertion,
} from "@countersign/core/sts";
import { BrokerExchange } from "./broker-exchange.js";
import { Brokers } from "./brokers.js";
import type { ConversationRules } from "./conversation.js";
import { compileEncryption, type MessageEncryption } from "./encryption.js";
import { type HttpTransport, NodeHttpTransport, type TlsOptions } from "./http.js";
import { checkClientOptions } from "./option-schema.js";
import type { BearerCallback, BrokerTarget, ClientOptions } from "./options.js";
import type { ReplyRules } from "./reply.js";
import { IssuedTokenRequestor, type Requestor, usernameRequestor, x509Requestor } from "./requestor.js";
import { loadSigningKey, makeSigningKey } from "./signing-key.js";

/** Options of a client after all checks, in the form that it uses. */
export interface CompiledClient {
  /** How the requestor proves itself in SOAP messages; undefined for a `bearer` client. */
  readonly requestor: Requestor | undefined;
  readonly bearer: BearerCallback | undefined;
  /** Undefined where every message is proved by itself. */
  readonly conversation: ConversationRules | undefined;
  readonly transport: HttpTransport;
  readonly replies: ReplyRules;
  readonly confirmed: boolean;
  readonly addressing: boolean;
  readonly encryption: MessageEncryption | undefined;
  readonly clock: Clock;
  readonly timestampSeconds: number;
  readonly timeoutMilliseconds: number;
  readonly maxReply: number;
  close(): void;
}

const defaultSkewSeconds = 60;

/** @throws ConfigurationError */
export function compileClient(options: ClientOptions): CompiledClient {
  const kind = checkClientOptions(options);
  const { bearer, credentials, key, reply = {}, clock = systemClock } = options;
  if (options[allowInsecureTransport]) {
    process.emitWarning("A client sends secrets over unencrypted connections.", "CountersignWarning");
  }
  // A transport that was given may carry other clients' requests too: only what was made here is closed.
  const own: HttpTransport[] = [];
  const transportWith = (tls: TlsOptions | undefined) => {
    if (options.transport !== undefined) return options.transport;
    const made = new NodeHttpTransport(tls);
    own.push(made);
    return made;
  };
  const transport = transportWith(options.tls);
  const skew = (options.clockSkewSeconds ?? defaultSkewSeconds) * 1000;
  const broker = kind === "issued" ? compileBroker(options, transportWith, clock, skew) : undefined;
  const encryption = options.encrypt && compileEncryption(options.encrypt);
  let requestor: Requestor | undefined = broker;
  if (kind === "username" && credentials) requestor = usernameRequestor(credentials, options.password ?? "text", clock);
  if (kind === "x509" && key) requestor = x509Requestor(loadSigningKey(key));
  return {
    requestor,
    bearer,
    conversation: compileConversation(options.conversation, clock, encryption),
    transport,
    replies: {
      certificates: loadCertificates(reply.certificates, "reply.certificates"),
      signed: reply.signed ?? false,
      decryption: options.decryption && loadDecryptionKeys(options.decryption, "decryption"),
      encrypted: reply.encrypted ?? false,
      clock,
      skew,
      codes: { fault: "ERR_SERVICE_FAULT", invalid: "ERR_SERVICE_RESPONSE_INVALID" },
    },
    confirmed: reply.confirmed ?? false,
    addressing: options.addressing ?? false,
    encryption,
    clock,
    timestampSeconds: options.timestampSeconds ?? 300,
    timeoutMilliseconds: (options.timeoutSeconds ?? 30) * 1000,
    maxReply: options.maxReply ?? 1 << 20,
    close() {
      broker?.clear();
      for (const made of own) made.close();
    },
  };
}

function compileConversation(
  options: ClientOptions["conversation"],
  clock: Clock,
  encryption: MessageEncryption | undefined,
): ConversationRules | undefined {
  if (options === undefined) return undefined;
  const { version = "1.3", derivedKeys = true, lifetimeSeconds, renewalSeconds = 60 } = options;
  return {
    words: version === "1.3" ? contextWords13 : contextWords2005,
    derivedKeys,
    lifetime: lifetimeSeconds && lifetimeSeconds * 1000,
    margin: renewalSeconds * 1000,
    encryption,
    clock,
  };
}

function compileBroker(
  options: ClientOptions,
  transportWith: (tls: TlsOptions | undefined) => HttpTransport,
  clock: Clock,
  skew: number,
): IssuedTokenRequestor | undefined {
  const { broker, credentials, key, claims, tokenLifetimeSeconds } = options;
  const { keyType = "bearer", tokenType = "saml2", marginSeconds = 10 } = options;
  if (broker === undefined || credentials === undefined) return undefined;
  const targets = [broker].flat();
  const exchanges = targets.map((target, index) => {
    const option = Array.isArray(broker) ? `broker[${index}]` : "broker";
    return compileExchange(target, option, options, transportWith(target.tls), clock, skew);
  });
  const tied = keyType === "public-key";
  const wishes = {
    tokenType,
    key: tied ? (key === undefined ? makeSigningKey() : loadSigningKey(key)) : undefined,
    claims,
    lifetimeMilliseconds: tokenLifetimeSeconds && tokenLifetimeSeconds * 1000,
    margin: marginSeconds * 1000,
  };
  const urls = exchanges.map(({ url }) => url.href);
  return new IssuedTokenRequestor(new Brokers(exchanges, credentials), urls, wishes, clock);
}

function compileExchange(
  { url, certificates: given, signedReplies, soapVersion, timeoutSeconds }: BrokerTarget,
  option: string,
  { password = "text" }: ClientOptions,
  transport: HttpTransport,
  clock: Clock,
  skew: number,
): BrokerExchange {
  const certificates = loadCertificates(given, `${option}.certificates`);
  return new BrokerExchange({
    url: new URL(url),
    soapVersion: soapVersion ?? "1.2",
    timeoutMilliseconds: (timeoutSeconds ?? 3) * 1000,
    replies: {
      certificates,
      signed: signedReplies ?? false,
      decryption: undefined,
      encrypted: false,
      clock,
      skew,
      codes: { fault: "ERR_STS_FAULT", invalid: "ERR_STS_RESPONSE_INVALID" },
    },
    password,
    transport,
    verifyAssertion: certificates && assertionVerifier(certificates),
  });
}

/** Whoever the assertion names as its issuer, it must be signed with one of the broker's certificates. */
function assertionVerifier(certificates: readonly Certificate[]): (assertion: AssertionSyntax) => void {
  return (assertion) => {
    const { issuer } = assertion;
    verifyAssertion(assertion, new Map([[issuer, { name: issuer, certificates }]]), defaultSuite);
  };
}

const loadCertificates = (
  given: readonly (string | Uint8Array)[] | undefined,
  option: string,
): readonly Certificate[] | undefined =>
  given?.map((certificate, index) => Certificate.load(certificate, `${option}[${index}]`));
