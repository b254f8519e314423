import {
  allowInsecureTransport,
  type Clock,
  CountersignError,
  type Endpoint,
  type Guard,
  isCountersignError,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
  systemClock,
  trust13,
  writeRequestSecurityTokenResponseCollection,
  writeTrustEnvelope,
} from "@countersign/core/sts";
import { createRecorder, type Outcome } from "./audit.js";
import { type AnswerContext, faultAnswer, soapAnswer } from "./faults.js";
import { createBrokerGuard } from "./guard.js";
import { type Identity, toIdentityProvider } from "./identity-provider.js";
import { issue } from "./issue.js";
import { checkBrokerOptions } from "./option-schema.js";
import type { BrokerOptions } from "./options.js";
import { RelyingParties } from "./relying-party.js";
import { messageId, readRequest } from "./request.js";
import { RequestorAuthentication } from "./requestor.js";
import { createSamlProviders } from "./saml-provider.js";
import type { TokenProviders } from "./token-provider.js";

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
}

/**
 * Creates a broker that issues SAML 2.0 and 1.1 tokens by WS-Trust 1.3 and 1.4 to requestors with a WS-Security UsernameToken.
 *
 * | The request | Gets |
 * |---|---|
 * | has no, a wrong or an unverifiable credential | the neutral fault of every guard; the reason is in the audit record |
 * | is authenticated and asks for what it may have | a RequestSecurityTokenResponseCollection with the token |
 * | is authenticated and refused | a `wst:` fault of WS-Trust 1.4 section 11 |
 * | comes while the identity provider is out | 503, never a token |
 *
 * @throws ConfigurationError for any wrong, impossible or insecure option, with its path and the remedy
 */
export function createBroker(options: BrokerOptions): Broker {
  checkBrokerOptions(options);
  return new TokenService(options);
}

class TokenService implements Broker {
  readonly address: string;
  readonly path: string;
  readonly insecureTransport: boolean;
  readonly #authentication: RequestorAuthentication;
  readonly #guard: Guard;
  readonly #relyingParties: RelyingParties;
  readonly #providers: TokenProviders;
  readonly #record: (outcome: Outcome) => Promise<void>;
  readonly #clock: Clock;

  constructor(options: BrokerOptions) {
    const { defaultSeconds = 1800, maxSeconds = 43_200 } = options.lifetime ?? {};
    this.path = options.path ?? "/sts";
    this.address = `${options.origin}${this.path}`;
    this.insecureTransport = options[allowInsecureTransport] === true;
    this.#clock = options.clock ?? systemClock;
    this.#relyingParties = new RelyingParties(options.relyingParties, { defaultSeconds, maxSeconds });
    this.#providers = createSamlProviders(options.issuer, options.signing);
    this.#record = createRecorder(options.audit, this.#clock);
    this.#authentication = new RequestorAuthentication(toIdentityProvider(options.identityProvider));
    this.#guard = createBrokerGuard(options, this.#authentication);
  }

  async handle(request: ServerRequest): Promise<ServerReply> {
    const started = performance.now();
    const { result: verdict, identityOf } = await this.#authentication.run(() => this.#guard.admit(request));
    if (verdict.kind === "answered") return verdict.reply;
    const identity = verdict.kind === "admitted" ? identityOf(verdict.security.principal.name) : undefined;
    if (verdict.kind === "anonymous" || identity === undefined) return this.#guard.failure();
    return this.#answer(verdict.security, identity, started);
  }

  close(): Promise<void> {
    return this.#guard.close();
  }

  /** Answers an authenticated requestor. */
  async #answer(security: SecurityContext, identity: Identity, started: number): Promise<ServerReply> {
    const { id, message } = security;
    if (message === undefined) return this.#guard.failure();
    const context: AnswerContext = { id, version: message.soapVersion, relatesTo: messageId(message) };
    const known: { -readonly [K in keyof Outcome]: Outcome[K] } = { id, started, principal: identity.name };
    try {
      const request = readRequest(message);
      known.request = request;
      const { possession = [] } = security.evidence;
      const now = this.#clock.now();
      const { response, kind, token, lifetime } = issue({
        request,
        identity,
        possession,
        relyingParties: this.#relyingParties,
        providers: this.#providers,
        now,
      });
      known.issued = { kind, id: token.id, digest: token.digest, lifetime };
      await this.#record(known);
      const content = writeRequestSecurityTokenResponseCollection([response]);
      const { version, relatesTo } = context;
      const envelope = writeTrustEnvelope({ version, action: trust13.actions.issueFinal, relatesTo, content });
      return await this.#guard.secureReply(security, soapAnswer(200, envelope, context));
    } catch (error) {
      return this.#refuse(toRefusal(error), known, context);
    }
  }

  async #refuse(error: CountersignError, known: Outcome, context: AnswerContext): Promise<ServerReply> {
    try {
      await this.#record({ ...known, issued: undefined, error });
    } catch (unrecorded) {
      return faultAnswer(toRefusal(unrecorded), context);
    }
    return faultAnswer(error, context);
  }
}

/** Anything that is not a refusal is a defect, and issues nothing. */
function toRefusal(error: unknown): CountersignError {
  if (isCountersignError(error)) return error;
  return new CountersignError("ERR_INTERNAL", {
    reason: "the operation failed with an unexpected error",
    cause: error,
  });
}
