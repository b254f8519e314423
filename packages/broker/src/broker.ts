import {
  allowInsecureTransport,
  Certificate,
  type Clock,
  CountersignError,
  type Endpoint,
  type Guard,
  InMemoryIssuedTokenStore,
  isCountersignError,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
  systemClock,
  type TrustOperation,
  trustVersions,
  type VerifiedMessage,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import { writeAnswer } from "./answer.js";
import { createRecorder, type Outcome } from "./audit.js";
import { cancel } from "./cancel.js";
import { type AnswerContext, faultAnswer, soapAnswer } from "./faults.js";
import { createBrokerGuard } from "./guard.js";
import { type Identity, type IdentityProvider, toIdentityProvider } from "./identity-provider.js";
import { issue } from "./issue.js";
import { IssuedTokens } from "./issued-tokens.js";
import type { BrokerParts, Done, Operation } from "./operation.js";
import { checkBrokerOptions } from "./option-schema.js";
import type { BrokerOptions, BrokerSigning } from "./options.js";
import { OwnTokens } from "./own-tokens.js";
import { RelyingParties } from "./relying-party.js";
import { renew } from "./renew.js";
import { messageId, readRequest } from "./request.js";
import { RequestorAuthentication } from "./requestor.js";
import { createSamlProviders } from "./saml-provider.js";
import { loadSigner } from "./signer.js";
import { validate } from "./validate.js";

/**
 * An authentication broker: the party that both sides trust. It authenticates requestors with an identity provider and
 * issues tokens that every service that knows its certificate can validate alone. Any adapter mounts one.
 */
export interface AuthenticationBroker extends Endpoint {
  /** Public address of the endpoint: what requestors are configured with. */
  readonly address: string;
}

/** The broker of this package, a security token service; {@link serve} runs it alone. */
export interface Broker extends AuthenticationBroker {
  /** Path of the endpoint. */
  readonly path: string;
  /** Whether passwords are accepted over unencrypted connections. */
  readonly insecureTransport: boolean;
  /**
   * Revokes a token by its id: it is valid no more where the broker is asked. Services that validate alone take it to its end.
   * @returns whether it was known; rejects with ERR_UNAVAILABLE where the store of tokens does not answer
   */
  revoke(tokenId: string): Promise<boolean>;
  /**
   * Signs with another key from now on. Tokens under the former ones are still its own; list the new certificate at services
   * before.
   * @throws ConfigurationError where key and certificate do not belong together, or either cannot be used: then nothing changed
   */
  rollOver(signing: BrokerSigning): void;
}

/** Certificates, the present one included, whose tokens are a broker's own. */
const maxCertificates = 4;

/**
 * Creates a broker that issues, renews, validates and cancels SAML 2.0 and 1.1 tokens by WS-Trust 1.3, 1.4 and 2005/02, for
 * requestors with a WS-Security UsernameToken.
 *
 * | The request | Gets |
 * |---|---|
 * | has no, a wrong or an unverifiable credential | the neutral fault of every guard; the reason is in the audit record |
 * | is authenticated and asks for what it may have | a RequestSecurityTokenResponseCollection with the token, or the answer to its operation |
 * | is authenticated and refused | a `wst:` fault of WS-Trust 1.4 section 11 |
 * | comes while the identity provider is out | 503, never a token |
 *
 * @throws ConfigurationError for any wrong, impossible or insecure option, with its path and the remedy
 */
export function createBroker(options: BrokerOptions): Broker {
  checkBrokerOptions(options);
  return new TokenService(options);
}

const operations: Readonly<Record<TrustOperation, Operation>> = { issue, renew, cancel, validate };

/** What depends on the broker's key; a message is dealt with under one of these from beginning to end. */
interface Keyed {
  readonly guard: Guard;
  readonly parts: BrokerParts;
}

class TokenService implements Broker {
  readonly address: string;
  readonly path: string;
  readonly insecureTransport: boolean;
  readonly #options: BrokerOptions;
  readonly #authentication: RequestorAuthentication;
  readonly #relyingParties: RelyingParties;
  readonly #tokens: IssuedTokens;
  readonly #find: IdentityProvider["find"];
  readonly #record: (outcome: Outcome) => Promise<void>;
  readonly #clock: Clock;
  #certificates: readonly Certificate[];
  #keyed: Keyed;

  constructor(options: BrokerOptions) {
    const { defaultSeconds = 1800, maxSeconds = 43_200 } = options.lifetime ?? {};
    this.#options = options;
    this.path = options.path ?? "/sts";
    this.address = `${options.origin}${this.path}`;
    this.insecureTransport = options[allowInsecureTransport] === true;
    this.#clock = options.clock ?? systemClock;
    this.#relyingParties = new RelyingParties(options.relyingParties, { defaultSeconds, maxSeconds });
    this.#record = createRecorder(options.audit, this.#clock);
    const provider = toIdentityProvider(options.identityProvider);
    this.#find = provider.find && ((subject) => provider.find?.(subject));
    this.#authentication = new RequestorAuthentication(provider);
    const store = options.tokens ?? new InMemoryIssuedTokenStore({ clock: this.#clock });
    this.#tokens = new IssuedTokens(store, options.issuer);
    const { previous = [] } = options.signing;
    this.#certificates = previous.map((one, index) => Certificate.load(one, `signing.previous[${index}]`));
    this.#keyed = this.#keyedBy(options.signing);
  }

  async handle(request: ServerRequest): Promise<ServerReply> {
    const started = performance.now();
    const { guard, parts } = this.#keyed;
    const { result: verdict, identityOf } = await this.#authentication.run(() => guard.admit(request));
    if (verdict.kind === "answered") return verdict.reply;
    const identity = verdict.kind === "admitted" ? identityOf(verdict.security.principal.name) : undefined;
    if (verdict.kind === "anonymous" || identity === undefined) return guard.failure();
    return this.#answer(verdict.security, identity, started, { guard, parts });
  }

  revoke(tokenId: string): Promise<boolean> {
    return this.#tokens.revoke(tokenId);
  }

  rollOver(signing: BrokerSigning): void {
    this.#keyed = this.#keyedBy(signing);
  }

  async close(): Promise<void> {
    await this.#keyed.guard.close();
    await this.#tokens.close();
  }

  #keyedBy(signing: BrokerSigning): Keyed {
    const signer = loadSigner(signing);
    const { issuer, delegation = [] } = this.#options;
    const certificates = [signer.certificate, ...this.#certificates].slice(0, maxCertificates);
    const keyed: Keyed = {
      guard: createBrokerGuard(this.#options, signing, this.#authentication),
      parts: {
        relyingParties: this.#relyingParties,
        providers: createSamlProviders(issuer, signer),
        tokens: this.#tokens,
        ownTokens: new OwnTokens(issuer, certificates),
        delegation,
        find: this.#find,
      },
    };
    this.#certificates = certificates;
    return keyed;
  }

  /** Answers an authenticated requestor. */
  async #answer(
    security: SecurityContext,
    identity: Identity,
    started: number,
    { guard, parts }: Keyed,
  ): Promise<ServerReply> {
    const { id, message } = security;
    if (message === undefined) return guard.failure();
    const context: AnswerContext = {
      id,
      version: message.soapVersion,
      relatesTo: messageId(message),
      namespace: namespaceOf(message),
    };
    const known: { -readonly [K in keyof Outcome]: Outcome[K] } = {
      id,
      started,
      operation: "issue",
      principal: identity.name,
    };
    try {
      const asked = readRequest(message);
      const { operation, vocabulary } = asked;
      known.operation = operation;
      const { possession = [] } = security.evidence;
      const now = this.#clock.now();
      const done: Done[] = [];
      for (const request of asked.requests) {
        known.request = request;
        done.push(await operations[operation]({ request, identity, possession, now }, parts));
      }
      for (const [index, { record }] of done.entries()) {
        await this.#record({ ...known, request: asked.requests[index], ...record });
      }
      const { version, relatesTo } = context;
      const responses = done.map(({ response }) => response);
      const content = writeAnswer(asked, responses);
      const envelope = writeTrustEnvelope({ version, action: vocabulary.answers[operation], relatesTo, content });
      return await guard.secureReply(security, soapAnswer(200, envelope, context));
    } catch (error) {
      return this.#refuse(toRefusal(error), known, context);
    }
  }

  async #refuse(error: CountersignError, known: Outcome, context: AnswerContext): Promise<ServerReply> {
    try {
      await this.#record({ ...known, error });
    } catch (unrecorded) {
      return faultAnswer(toRefusal(unrecorded), context);
    }
    return faultAnswer(error, context);
  }
}

/** The version of WS-Trust that a message is in, so that its faults are in it too. */
function namespaceOf({ body }: VerifiedMessage): string | undefined {
  const [first] = body.children();
  return trustVersions.find(({ namespace }) => namespace === first?.namespace)?.namespace;
}

/** Anything that is not a refusal is a defect, and issues nothing. */
function toRefusal(error: unknown): CountersignError {
  if (isCountersignError(error)) return error;
  return new CountersignError("ERR_INTERNAL", {
    reason: "the operation failed with an unexpected error",
    cause: error,
  });
}
