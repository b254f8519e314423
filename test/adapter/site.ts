import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ServerOptions } from "node:https";
import type { Readable } from "node:stream";
import type { AdapterOptions, CountersignOptions, Endpoint, Guard, SecurityContext } from "@countersign/core/adapter";

/*
 * A small application in words that every framework understands: express.ts, koa.ts and fastify.ts build it with their
 * framework, contract.ts tests what comes out.
 */

export type GuardInput = Guard | CountersignOptions;

/** What a handler sees of its request. */
export interface Seen {
  /** `req.security`, `ctx.state.security` or `request.security`. */
  readonly security: SecurityContext | undefined;
  securityOf(): SecurityContext;
  readonly body: unknown;
  /** Path as the framework routes it. */
  readonly path: string;
  /** The framework's own look-up of a request header, and every record of headers that it offers besides Node's. */
  header(name: string): string | undefined;
  readonly records: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What a handler answers, in the framework's own way. */
export interface Result {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer | Readable | object | undefined;
}

/** `"raw"`: the handler has written to the Node response itself. */
export type Handler = (seen: Seen) => Result | "raw" | Promise<Result | "raw">;

export interface Route {
  readonly path: string;
  /** Guards of this one route, outermost first. */
  readonly guards?: readonly GuardInput[];
  readonly handler: Handler;
}

export interface Site {
  /** Reads the body before any guard: parsed as JSON, or left as octets in a Buffer. */
  readonly before?: "json" | "raw";
  /** Adds, before any guard, what server code may have set on the framework's own record of request headers. */
  readonly earlyHeaders?: Readonly<Record<string, string>>;
  /** Sets response headers in front of the guard, and replaces each reply's string or Buffer body by its reverse. */
  readonly outerReverse?: boolean;
  /** Guards of the whole application, outermost first. */
  readonly guards?: readonly GuardInput[];
  /** Parses JSON bodies behind the guards. */
  readonly after?: "json";
  readonly routes?: readonly Route[];
  /** A Router with a path (Express, Koa) or an encapsulated plugin with a prefix (Fastify), guarded as a whole. */
  readonly scope?: { readonly path: string; readonly guards: readonly GuardInput[]; readonly routes: readonly Route[] };
  readonly endpoint?: { readonly path: string; readonly endpoint: Endpoint } & AdapterOptions;
}

export interface Running {
  readonly server: Server;
  readonly port: number;
  /** What reached the framework's error handling. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export interface Framework {
  readonly name: "express" | "koa" | "fastify";
  start(site: Site, tls?: ServerOptions): Promise<Running>;
}
