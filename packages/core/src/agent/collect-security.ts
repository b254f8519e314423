import { publicKeyInfo } from "../crypto/index.js";
import { ConfigurationError, refuse } from "../errors/index.js";
import { type CompiledGuard, compileRoute, type Exchange, type ServerRequest, verifySoap } from "../guard/index.js";
import type { Credentials, WsSecurityScheme } from "../identity/index.js";
import { type Alternative, compileAlternatives, saml2, saml11, usernameToken, x509 } from "../policy/index.js";
import { attributesOf } from "./collect-http.js";
import type { Collected } from "./collected.js";
import type { AgentGuardOptions } from "./options.js";

/** Takes the token of one WS-Security scheme out of messages. */
export interface SecurityCollector {
  /** @throws as `verifySoap` */
  collect(request: ServerRequest, exchange: Exchange): Promise<Collected>;
}

/**
 * Compiles a scheme to the alternative of an ordinary guard: how a message is opened and verified is the same.
 * @param base What schemes of one agent share.
 * @throws ConfigurationError where the agent's own options (trust, attesters) cannot serve the scheme
 */
export function compileSecurityCollector(
  scheme: WsSecurityScheme,
  options: AgentGuardOptions,
  base: CompiledGuard,
): SecurityCollector {
  const { agent: _, ...shared } = options;
  const share = (route: CompiledGuard): CompiledGuard => ({
    ...route,
    reservations: base.reservations,
    workers: base.workers,
    recorder: base.recorder,
  });
  if (scheme.token === "password" || scheme.token === "password-digest") {
    const route = share(compileRoute({ ...shared, accept: [passwordAlternative(scheme, () => undefined)] }));
    const trust = {
      issuers: undefined,
      authorities: [],
      certificates: [],
      decrypts: false,
      skew: base.rules.timestamp.skew ?? 0,
      origin: base.origin,
    };
    return {
      async collect(request, exchange) {
        let credentials: Credentials | undefined;
        // Of each message its own: what it shows belongs to nobody else.
        const { alternatives } = compileAlternatives(
          [
            passwordAlternative(scheme, (shown) => {
              credentials = shown;
            }),
          ],
          trust,
        );
        const accepted = await acceptedBy({ ...route, alternatives }, request, exchange);
        if (credentials === undefined) refuse("ERR_INTERNAL", "a password was accepted and not seen");
        return collected(credentials, accepted);
      },
    };
  }
  const route = share(compileRoute({ ...shared, accept: [alternativeOf(scheme, options)] }));
  return {
    async collect(request, exchange) {
      const accepted = await acceptedBy(route, request, exchange);
      return collected(credentialsOf(scheme, accepted), accepted);
    },
  };
}

type AcceptedMessage = Extract<Awaited<ReturnType<typeof verifySoap>>, { accepted: unknown }>;

async function acceptedBy(route: CompiledGuard, request: ServerRequest, exchange: Exchange): Promise<AcceptedMessage> {
  const outcome = await verifySoap(route, request, exchange);
  if (!("accepted" in outcome)) refuse("ERR_INTERNAL", "a message without credentials was let pass");
  return outcome;
}

function passwordAlternative(scheme: WsSecurityScheme, shown: (credentials: Credentials) => void): Alternative {
  const { maxAgeSeconds } = scheme;
  const over = "transport";
  if (scheme.token === "password") {
    const verify = (name: string, password: string) => {
      shown({ kind: "password", name, password });
      return true;
    };
    return usernameToken({ verify, over, maxAgeSeconds });
  }
  return usernameToken({
    digest: (name, given) => {
      shown({ kind: "password-digest", name, ...given });
      return true;
    },
    over,
    maxAgeSeconds,
  });
}

function alternativeOf(scheme: WsSecurityScheme, { agent, trust }: AgentGuardOptions): Alternative {
  const { signed, over } = scheme;
  // The policy server says whose a certificate is: to be trusted is enough here.
  if (scheme.token === "x509") {
    return x509({ signed, over, subjects: trust?.authorities === undefined ? undefined : [() => true] });
  }
  const { audience, confirm = "holder-of-key", maxAgeSeconds } = scheme;
  if (audience === undefined) {
    throw new ConfigurationError(
      "ERR_CONFIG_INSECURE",
      "audience",
      "An assertion for whatever service would count.",
      "Say which audience the scheme takes.",
    );
  }
  const make = scheme.token === "saml2" ? saml2 : saml11;
  const attesters = confirm === "sender-vouches" ? agent.attesters : undefined;
  return make({ audience, confirm, signed, over, attesters, maxAgeSeconds });
}

function credentialsOf(scheme: WsSecurityScheme, { accepted }: AcceptedMessage): Credentials {
  const { token, certificate, key } = accepted;
  if (scheme.token === "x509") {
    if (certificate === undefined) refuse("ERR_INTERNAL", "a signature was accepted without its certificate");
    return {
      kind: "certificate",
      certificate: certificate.der,
      publicKey: publicKeyInfo(certificate.publicKey),
      subject: certificate.subject,
      issuer: certificate.issuer,
      proof: "signature",
    };
  }
  return {
    kind: "assertion",
    issuer: token.issuer,
    name: token.principal.name,
    format: token.principal.format,
    attributes: attributesOf(token.claims),
    publicKey: key && publicKeyInfo(key),
  };
}

function collected(
  credentials: Credentials,
  { accepted, message, contentType, encrypted }: AcceptedMessage,
): Collected {
  return {
    scheme: "ws-security",
    credentials,
    token: accepted.token,
    proof: accepted.proof,
    replay: accepted.replay,
    message: { verified: message, parts: accepted.coverage.parts, encrypted, contentType },
  };
}
