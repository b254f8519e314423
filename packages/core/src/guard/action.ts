import { refuse } from "../errors/index.js";
import { addressingBlocks, type UnverifiedEnvelope } from "../soap/index.js";

/**
 * SOAPAction, wsa:Action and the Body must mean one operation, or a dispatcher and the guard may see different ones.
 * @param httpAction What the HTTP headers name; undefined where they name none.
 * @param actions The operation, `{namespace}name`, of each action; undefined where the route does not say.
 * @throws ERR_WSS_INVALID_SECURITY for a second wsa:Action, for actions that differ, and for one that is not the Body's
 */
export function checkAction(
  envelope: UnverifiedEnvelope,
  httpAction: string | undefined,
  actions: ReadonlyMap<string, string> | undefined,
): void {
  const { document, body } = envelope;
  const [block, second] = addressingBlocks(envelope, "Action");
  if (second !== undefined) {
    refuse("ERR_WSS_INVALID_SECURITY", "the message has a second wsa:Action", {
      place: () => document.place(second),
      rule: "WS-Addressing 1.0 Core, 3.2",
      remedy: "Send one wsa:Action.",
    });
  }
  const action = block === undefined ? undefined : actionIn(envelope, block);
  if (block !== undefined && httpAction !== undefined && action !== httpAction) {
    refuse("ERR_WSS_INVALID_SECURITY", "the HTTP action and wsa:Action name different operations", {
      place: () => document.place(block),
      rule: "WS-Addressing 1.0 SOAP Binding, 2.4",
      remedy: "Send the same action in both.",
    });
  }
  if (actions === undefined) return;
  const named = action ?? httpAction;
  const operation = document.firstChild(body);
  const found = operation === -1 ? undefined : `{${document.namespace(operation)}}${document.localName(operation)}`;
  if (named !== undefined && found !== undefined && actions.get(named) === found) return;
  const reason = `the action ${named ?? "(none)"} does not belong to the Body's ${found ?? "(nothing)"}`;
  refuse("ERR_WSS_INVALID_SECURITY", reason, {
    place: () => document.place(body),
    rule: "soap.actions",
    remedy: "Send the action of the operation in the Body.",
  });
}

/** The action that a message names, in its header or else in that of HTTP; undefined where it names none. */
export function namedAction(envelope: UnverifiedEnvelope, httpAction: string | undefined): string | undefined {
  const [block] = addressingBlocks(envelope, "Action");
  return block === undefined ? httpAction : actionIn(envelope, block);
}

/** An Action with child elements has no text: it names nothing, which differs from whatever is named elsewhere. */
function actionIn({ document }: UnverifiedEnvelope, block: number): string {
  return document.text(block)?.trim() ?? "";
}
