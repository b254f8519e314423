import { createServer } from "node:http";
import { countersign, securityOf } from "@countersign/express";
import express, { Router } from "express";
import request from "supertest";
import { describe, expect, it } from "vitest";
import { runContract } from "./contract.js";
import { expressFramework } from "./express.js";
import { scriptedGuard } from "./scripted-guard.js";

runContract(expressFramework);

describe("express", () => {
  it("accepts the verified message although body parsers follow, and rejects before they run", async () => {
    const app = express();
    app.use(countersign(scriptedGuard({ reads: "message" })));
    app.use(
      express.text({ type: () => true }),
      express.json({ type: () => true }),
      express.urlencoded({ type: () => true }),
    );
    app.post("/", (req, res) => {
      res.send(String(Buffer.isBuffer(req.body) && req.body));
    });
    const server = createServer(app);
    const send = (secret: string) =>
      request(server).post("/").type("text/xml").send(`<secret>${secret}</secret>`).buffer(true);
    expect((await send("good")).text).toBe('<verified by="good"/>');
    expect((await send("bad")).text).toBe("ERR_WSS_FAILED_AUTHENTICATION");
  });

  it("accepts octets that a parser's `verify` hook kept, and rejects the parsed body without them with ERR_HTTP_BODY_CONSUMED", async () => {
    const kept = express.text({
      type: () => true,
      verify: (req, _res, octets) => {
        if (req.url === "/kept") Object.assign(req, { rawBody: octets });
      },
    });
    const app = express().use(kept, countersign(scriptedGuard({ reads: "message" })));
    app.post("/kept", (req, res) => void res.send(String(req.body)));
    const server = createServer(app);
    const send = (path: string) =>
      request(server).post(path).type("text/xml").send("<secret>good</secret>").buffer(true);
    expect((await send("/kept")).text).toBe('<verified by="good"/>');
    expect((await send("/lost")).text).toBe("ERR_HTTP_BODY_CONSUMED");
  });

  it("accepts a guard in a nested application, and rejects there; the guard is told the target as received", async () => {
    const guard = scriptedGuard();
    const inner = express();
    inner.use(
      "/b",
      countersign(guard),
      Router().get("/c", (req, res) => void res.send(securityOf(req).principal.name)),
    );
    const server = createServer(express().use("/a", inner));
    expect((await request(server).get("/a/b/c?d").set("authorization", "Bearer good")).text).toBe("alice");
    expect((await request(server).get("/a/b/c?d")).status).toBe(401);
    expect(guard.requests.map(({ target }) => target)).toEqual(["/a/b/c?d", "/a/b/c?d"]);
  });
});
