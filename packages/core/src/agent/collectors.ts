import { ConfigurationError, refuse } from "../errors/index.js";
import type { CompiledGuard, Exchange, ServerRequest } from "../guard/index.js";
import type { SchemeRequirement } from "../identity/index.js";
import type { PathCache } from "../response/index.js";
import { findSecurityHeader } from "../wss/index.js";
import { collectFromDocument } from "./collect-document.js";
import { collectBasic, collectBearer, collectCertificate } from "./collect-http.js";
import { compileSecurityCollector, type SecurityCollector } from "./collect-security.js";
import { compileSignatureCollector, type SignatureCollector } from "./collect-signature.js";
import type { Collected } from "./collected.js";
import type { AgentGuardOptions } from "./options.js";
import type { RequestDocument } from "./request-document.js";

/** Most different schemes that are kept compiled: policy servers do not have more. */
const maxSchemes = 100;

/** One request, as far as collecting reads it. */
export interface Presented {
  readonly request: ServerRequest;
  readonly exchange: Exchange;
  /** Undefined where the request has none, or where the only scheme reads it by itself. */
  readonly document: RequestDocument | undefined;
  /** Whether the connection is TLS, or counts as such. */
  readonly encrypted: boolean;
  readonly now: number;
}

type Collector = (presented: Presented) => Promise<Collected | undefined> | Collected | undefined;

/** The schemes of an agent, each compiled when it is first met. */
export class Collectors {
  readonly #options: AgentGuardOptions;
  readonly #base: CompiledGuard;
  readonly #paths: PathCache;
  readonly #compiled = new Map<string, Collector>();

  constructor(options: AgentGuardOptions, base: CompiledGuard, paths: PathCache) {
    this.#options = options;
    this.#base = base;
    this.#paths = paths;
  }

  /**
   * Compiles a scheme that will be met.
   * @throws ConfigurationError where this agent cannot serve it
   */
  prepare(scheme: SchemeRequirement): void {
    this.#collectorOf(scheme);
  }

  /**
   * Credentials by the first of the schemes by which some were presented. What was presented and does not hold is refused,
   * whatever else is there.
   * @returns undefined where none were presented
   * @throws CountersignError
   */
  async collect(schemes: readonly SchemeRequirement[], presented: Presented): Promise<Collected | undefined> {
    for (const scheme of schemes) {
      const collected = await this.#metCollector(scheme)(presented);
      if (collected !== undefined) return collected;
    }
    return undefined;
  }

  #metCollector(scheme: SchemeRequirement): Collector {
    try {
      return this.#collectorOf(scheme);
    } catch (cause) {
      if (!(cause instanceof ConfigurationError)) throw cause;
      refuse("ERR_INTERNAL", `this agent cannot serve the scheme ${scheme.kind}: ${cause.message}`, {
        rule: cause.option,
        remedy: cause.remedy,
        cause,
      });
    }
  }

  #collectorOf(scheme: SchemeRequirement): Collector {
    const key = JSON.stringify(scheme);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    if (this.#compiled.size === maxSchemes) {
      throw new ConfigurationError("ERR_CONFIG_INVALID", "schemes", "There are too many of them.", "Use fewer.");
    }
    const compiled = this.#compile(scheme);
    this.#compiled.set(key, compiled);
    return compiled;
  }

  #compile(scheme: SchemeRequirement): Collector {
    const { origin, bearer, clock } = this.#base;
    const paths = this.#paths;
    switch (scheme.kind) {
      case "xml-document":
        paths.compile(scheme.user.path, scheme.user.namespaces);
        paths.compile(scheme.password.path, scheme.password.namespaces);
        return ({ document, encrypted }) =>
          document && collectFromDocument(scheme, document, { encrypted, paths, issuer: origin });
      case "xml-signature": {
        const collector: SignatureCollector = compileSignatureCollector(this.#options, this.#base);
        return ({ document, now }) => document && collector.collect(document, now);
      }
      case "ws-security": {
        const collector = compileSecurityCollector(scheme, this.#options, this.#base);
        return (presented) => this.#fromSecurity(collector, presented);
      }
      case "basic":
        return ({ request, encrypted }) => collectBasic(request, encrypted, origin);
      case "certificate":
        return ({ request }) => collectCertificate(request);
      case "bearer":
        if (bearer === undefined) {
          throw new ConfigurationError(
            "ERR_CONFIG_INVALID",
            "agent.bearer",
            "No issuer of bearer tokens is trusted.",
            "Name the issuers.",
          );
        }
        return ({ request, exchange }) => collectBearer(request, bearer, { now: clock.now(), until: exchange.until });
      case "session-ticket":
        throw new ConfigurationError(
          "ERR_CONFIG_INVALID",
          "agent.tickets",
          "There are no keys under which session tickets could be opened.",
          "Set agent.tickets.",
        );
    }
  }

  /** Where other schemes may do, a message without Security header for us presents nothing of this one. */
  async #fromSecurity(
    collector: SecurityCollector,
    { request, exchange, document }: Presented,
  ): Promise<Collected | undefined> {
    if (document?.envelope === undefined) return undefined;
    if (findSecurityHeader(document.envelope, this.#base.actor) === -1) return undefined;
    return collector.collect(request, exchange);
  }
}
