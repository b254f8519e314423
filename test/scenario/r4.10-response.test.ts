import { expect, it } from "vitest";
import { order, ordersUrl, serviceKey, strangerKey } from "../trust/estate.js";
import { type Requestor, type Service, type Stage, scenario } from "./stage.js";
import { errorOf, expectAdmitted } from "./views.js";

const signed = { reply: { sign: { key: serviceKey.privateKey, certificate: serviceKey.certificate }, confirm: true } };
const demand = { signed: true, certificates: [serviceKey.certificate], confirmed: true };
const call = { body: order(), appliesTo: ordersUrl };

/** A service, and a requestor that demands signed replies and has its token already. */
async function start(stage: Stage, options: Parameters<Stage["service"]>[0], reply: object = demand) {
  const [broker, service] = await Promise.all([stage.broker(), stage.service(options)]);
  const requestor = stage.requestor(broker, { keyType: "public-key", reply });
  await requestor.client.obtainToken({ appliesTo: ordersUrl });
  return { service, ...requestor };
}

/** The service did its part, and its reply came with status 200; the requestor does not take it. */
async function expectReplyRefused(
  { client, wire }: Pick<Requestor, "client" | "wire">,
  service: Service,
): Promise<void> {
  const error = await errorOf(client.fetch(service.url, call));
  expect(error).toMatchObject({ code: "ERR_SERVICE_RESPONSE_INVALID" });
  expect(service.events.at(-1)).toMatchObject({ outcome: "admitted", principal: "alice@example" });
  expect(wire.received.at(-1)?.status).toBe(200);
}

scenario("R4.10 step 6: the response returns to the requestor", (newStage) => {
  it("accepts a reply over TLS alone where no signature is demanded", async () => {
    const { client, wire, service } = await start(newStage(), {}, {});
    const { status, message } = await client.fetch(service.url, call);
    expect(status).toBe(200);
    expect(message?.body.protection).toEqual({ by: "transport" });
    expectAdmitted(service, wire.received.at(-1), { principal: "alice@example" });
  });

  it("accepts a signed reply that confirms the request", async () => {
    const { client, wire, service } = await start(newStage(), signed);
    const { message } = await client.fetch(service.url, call);
    expect(message?.body.protection).toMatchObject({ by: "signature" });
    expect(message?.body.child("hello")?.text).toBe("alice@example");
    expectAdmitted(service, wire.received.at(-1), { principal: "alice@example" });
  });

  it("rejects an unsigned reply", async () => {
    const { service, ...requestor } = await start(newStage(), {});
    await expectReplyRefused(requestor, service);
  });

  it.each<[string, (body: string) => string]>([
    ["whose Body was altered", (body) => body.replace(">alice@example<", ">admin@example<")],
    ["whose signature was taken away", (body) => body.replace(/<ds:Signature .*<\/ds:Signature>/s, "")],
    ["whose Security header was taken away", (body) => body.replace(/<wsse:Security .*<\/wsse:Security>/s, "")],
  ])("rejects a signed reply %s on its way", async (_, tamper) => {
    const { service, ...requestor } = await start(newStage(), signed);
    await requestor.client.fetch(service.url, call);
    let changed = false;
    requestor.wire.tamper = (body) => {
      changed = tamper(body) !== body;
      return tamper(body);
    };
    await expectReplyRefused(requestor, service);
    expect(changed).toBe(true);
  });

  it("rejects a reply that somebody else signed", async () => {
    const sign = { key: strangerKey.privateKey, certificate: strangerKey.certificate };
    const { service, ...requestor } = await start(newStage(), { reply: { sign, confirm: true } });
    await expectReplyRefused(requestor, service);
  });

  it("rejects the reply to another request", async () => {
    const { service, ...requestor } = await start(newStage(), signed);
    await requestor.client.fetch(service.url, call);
    const earlier = Buffer.from(requestor.wire.received.at(-1)?.body ?? "").toString();
    requestor.wire.tamper = () => earlier;
    await expectReplyRefused(requestor, service);
  });
});
