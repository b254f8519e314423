import { addressingNamespace, element, escapeText, randomId, randomUuid, wsuNamespace } from "@countersign/core/sts";

const anonymous = `${addressingNamespace}/anonymous`;

/** WS-Addressing 1.0 header blocks of one request, ready to be signed, with the id that its reply relates to. */
export function addressingBlocks(
  to: string | undefined,
  action: string | undefined,
): { readonly blocks: readonly string[]; readonly messageId: string } {
  const messageId = `urn:uuid:${randomUuid()}`;
  const blocks = [block("MessageID", messageId), block("ReplyTo", element("wsa:Address", {}, anonymous))];
  if (action !== undefined) blocks.unshift(block("Action", escapeText(action)));
  if (to !== undefined) blocks.push(block("To", escapeText(to)));
  return { blocks, messageId };
}

function block(name: string, content: string): string {
  const namespaces = { "xmlns:wsa": addressingNamespace, "xmlns:wsu": wsuNamespace };
  return element(`wsa:${name}`, { ...namespaces, "wsu:Id": randomId("wsa-") }, content);
}
