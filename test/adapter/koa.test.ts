import { createServer } from "node:http";
import { countersign, securityOf } from "@countersign/koa";
import Router from "@koa/router";
import Koa from "koa";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { runContract } from "./contract.js";
import { koaFramework } from "./koa.js";
import { scriptedGuard } from "./scripted-guard.js";

runContract(koaFramework);

describe("koa", () => {
  // @koa/router compares paths in `router.use` by case, and in its routes not: the README says where a guard belongs.
  it("rejects through securityOf what a router lets past a guard in `router.use`", async () => {
    const app = new Koa();
    const errors: unknown[] = [];
    app.on("error", (error) => errors.push(error));
    const router = new Router({ prefix: "/svc" });
    router.use(countersign(scriptedGuard()));
    router.get("/", (ctx) => {
      ctx.body = securityOf(ctx).principal.name;
    });
    app.use(router.routes() as unknown as Koa.Middleware);
    const server = createServer(app.callback());
    expect((await request(server).get("/svc").set("authorization", "Bearer good")).text).toBe("alice");
    expect((await request(server).get("/svc")).status).toBe(401);
    expect((await request(server).get("/SVC")).status).toBe(500);
    expect(errors).toMatchObject([{ code: "ERR_CONFIG_INVALID", option: "securityOf" }]);
  });

  it("accepts the same path in any case around the route itself, and rejects it there", async () => {
    const app = new Koa();
    const router = new Router({ prefix: "/svc" });
    router.get("/", countersign(scriptedGuard()), (ctx) => {
      ctx.body = securityOf(ctx).principal.name;
    });
    app.use(router.routes() as unknown as Koa.Middleware);
    const server = createServer(app.callback());
    for (const path of ["/svc", "/SVC"]) {
      expect((await request(server).get(path).set("authorization", "Bearer good")).text).toBe("alice");
      expect((await request(server).get(path)).status).toBe(401);
    }
  });
});
