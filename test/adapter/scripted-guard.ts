import { ClaimSet, CountersignError, type ErrorCode, isCountersignError } from "@countersign/core";
import {
  correlationHeader,
  type Guard,
  type Injection,
  type SecurityContext,
  type ServerReply,
  type ServerRequest,
  type Verdict,
} from "@countersign/core/adapter";

/** How a scripted guard decides. */
export interface Script {
  /**
   * `header`: `Authorization: Bearer <secret>` (default). `message`: an XML body that holds `<secret>...</secret>`, which
   * is handed on as `<verified>...</verified>`.
   */
  readonly reads?: "header" | "message";
  readonly secret?: string;
  readonly anonymous?: boolean;
  readonly limit?: number;
  /** Names that requestors may not set, and what is set instead. Names are compared without regard to case, `_` and `.`. */
  readonly injects?: Readonly<Record<string, string>>;
  /** Waits before the verdict. */
  readonly delay?: (request: ServerRequest) => Promise<void>;
  /** Breaks, as no guard should. */
  readonly defect?: "throws" | "rejects";
  /** Wraps reply bodies into `<signed by="...">`; `"fails"` rejects. */
  readonly signs?: string | "fails";
  readonly maxReply?: number;
}

/** A guard by script, which keeps what it was given. */
export interface ScriptedGuard extends Guard {
  readonly requests: ServerRequest[];
  readonly bodies: Buffer[];
  readonly verdicts: Verdict[];
  readonly replies: ServerReply[];
  closed: number;
}

let count = 0;

export function scriptedGuard(script: Script = {}): ScriptedGuard {
  const { reads = "header", secret = "good", limit = 1_048_576, signs } = script;
  const guard: ScriptedGuard = {
    requests: [],
    bodies: [],
    verdicts: [],
    replies: [],
    closed: 0,
    securesReplies: signs !== undefined,
    maxReply: script.maxReply ?? 65_536,
    admit(request) {
      guard.requests.push(request);
      if (script.defect === "throws") throw new RangeError("a defect of the guard, for nobody's eyes");
      return decide(request);
    },
    async secureReply(_security, reply) {
      guard.replies.push(reply);
      if (signs === "fails") throw new RangeError("a defect of the guard, for nobody's eyes");
      if (reply.body === undefined) return reply;
      const body = Buffer.concat([Buffer.from(`<signed by="${signs}">`), reply.body, Buffer.from("</signed>")]);
      const { "x-unsigned": _, ...headers } = reply.headers;
      return { ...reply, headers: { ...headers, "x-signed": String(signs) }, body };
    },
    failure: () => ({ status: 500, headers: { "content-type": "text/plain" }, body: Buffer.from("fixed failure") }),
    async close() {
      guard.closed++;
    },
  };

  async function decide(request: ServerRequest): Promise<Verdict> {
    const id = `id-${++count}`;
    let verdict: Verdict;
    try {
      await script.delay?.(request);
      if (script.defect === "rejects") throw new RangeError("a defect of the guard, for nobody's eyes");
      verdict = reads === "header" ? byHeader(request, id) : await byMessage(request, id);
    } catch (error) {
      if (!isCountersignError(error)) throw error;
      verdict = { kind: "answered", id, reply: answerOf(error, id), error };
    }
    guard.verdicts.push(verdict);
    return verdict;
  }

  function byHeader(request: ServerRequest, id: string): Verdict {
    const credentials = request.headers.filter(([name]) => name === "authorization");
    if (credentials.length === 0 && script.anonymous) return { kind: "anonymous", id, inject: injection() };
    if (credentials.length !== 1 || credentials[0]?.[1] !== `Bearer ${secret}`) {
      refuse("ERR_TOKEN_MISSING", "no such credential");
    }
    return { kind: "admitted", id, security: security(id), inject: injection() };
  }

  async function byMessage(request: ServerRequest, id: string): Promise<Verdict> {
    const type = request.headers.find(([name]) => name === "content-type")?.[1] ?? "";
    if (!/^(text\/xml|application\/soap\+xml)(;|$)/.test(type)) refuse("ERR_HTTP_MEDIA_TYPE", type);
    const octets = Buffer.from(await request.body(limit));
    guard.bodies.push(octets);
    const text = octets.toString("latin1");
    if (!text.includes("<secret>") && script.anonymous) return { kind: "anonymous", id, inject: injection() };
    if (!text.includes(`<secret>${secret}</secret>`)) refuse("ERR_WSS_FAILED_AUTHENTICATION", "no such secret");
    const bytes = Buffer.from(`<verified by="${secret}"/>`);
    return {
      kind: "admitted",
      id,
      security: security(id),
      inject: { ...injection(), body: { bytes, contentType: "text/xml; charset=utf-8" } },
    };
  }

  function injection(): Injection {
    const names = Object.keys(script.injects ?? {}).map(normalized);
    return {
      strips: (name) => names.includes(normalized(name)),
      headers: Object.entries(script.injects ?? {}),
    };
  }

  return guard;
}

function refuse(code: ErrorCode, reason: string): never {
  throw new CountersignError(code, { reason });
}

const normalized = (name: string): string => name.toLowerCase().replace(/[_.]/g, "-");

const security = (id: string): SecurityContext => ({
  principal: { name: "alice", kind: "username" },
  claims: new ClaimSet([]),
  issuer: "test",
  evidence: {
    token: {
      kind: "username",
      principal: { name: "alice", kind: "username" },
      claims: new ClaimSet([]),
      issuer: "test",
      digest: "",
      replay: [],
    },
    proof: "bearer",
    alternative: 0,
    parts: new Map(),
  },
  id,
});

/** The code is the body, so that tests see which one it was. */
function answerOf(error: CountersignError, id: string): ServerReply {
  return {
    status: error.status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-exact": "a, b;c", [correlationHeader]: id },
    body: Buffer.from(error.code),
  };
}
