import { type HttpResponse, type RemoteValidator, remoteValidator } from "@countersign/client";
import { secureMessage } from "@countersign/core/sts";
import { onTestFinished } from "vitest";
import { brokerKey, order, ordersUrl } from "../trust/estate.js";
import { post, type Stage, tls } from "./stage.js";

type Address = { readonly url: string };

/** How a service asks a broker about tokens: by bob's name, over TLS, with signed answers. */
export function atBroker(stage: Stage, { url }: Address): RemoteValidator {
  const validator = remoteValidator({
    broker: { url, certificates: [brokerKey.certificate], signedReplies: true, tls },
    credentials: () => ({ name: "bob", password: "builder" }),
    clock: stage.clock,
  });
  onTestFinished(() => validator.close());
  return validator;
}

/** A bearer token of alice for the order service. */
export async function bearing(stage: Stage, broker: Address): Promise<string> {
  return (await stage.requestor(broker).client.obtainToken({ appliesTo: ordersUrl })).xml;
}

/** Sends an order with a bearer token. */
export function useToken({ clock }: Stage, service: Address, token: string): Promise<HttpResponse> {
  return post(service, secureMessage(order(), { tokens: [token], clock }).envelope);
}
