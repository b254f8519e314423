import {
  isAddressing,
  parseRequestSecurityToken,
  type RequestSecurityToken,
  refuse,
  scan,
  trust13,
  type VerifiedMessage,
} from "@countersign/core/sts";

/** Longest MessageID that is echoed, in characters. */
const maxMessageId = 256;

/**
 * Reads the request in a verified message: exactly one wst:RequestSecurityToken that asks for Issue.
 * @throws ERR_TRUST_INVALID_REQUEST, ERR_TRUST_BAD_REQUEST
 */
export function readRequest(message: VerifiedMessage): RequestSecurityToken {
  const document = scan(Buffer.from(message.body.bytes));
  const element = document.firstChild(0);
  if (element === -1) {
    refuse("ERR_TRUST_INVALID_REQUEST", "the Body must hold one RequestSecurityToken", { rule: "WS-Trust 1.4, 3.1" });
  }
  if (document.nextSibling(element) !== -1) {
    refuse("ERR_TRUST_BAD_REQUEST", "several requests in one message are not supported", {
      rule: "WS-Trust 1.4, 3.1",
      remedy: "Send each request in a message of its own.",
    });
  }
  const request = parseRequestSecurityToken(document, element);
  requireIssue(request, addressing(message, "Action"));
  return request;
}

/** The request's MessageID, where it has one that may be echoed. */
export function messageId(message: VerifiedMessage): string | undefined {
  const id = addressing(message, "MessageID");
  return id !== undefined && id.length <= maxMessageId ? id : undefined;
}

function addressing(message: VerifiedMessage, name: string): string | undefined {
  return message.headers.find((header) => header.localName === name && isAddressing(header.namespace))?.text?.trim();
}

/** Refuses every operation but Issue, and a message whose action says another operation than its request. */
function requireIssue(request: RequestSecurityToken, action: string | undefined): void {
  if (request.requestType !== trust13.requestTypes.issue) {
    refuse("ERR_TRUST_BAD_REQUEST", `the operation ${request.requestType} is not supported`, {
      rule: "WS-Trust 1.4, 3.1",
      remedy: `Ask for ${trust13.requestTypes.issue}.`,
    });
  }
  if (action !== undefined && action !== trust13.actions.requestIssue) {
    refuse("ERR_TRUST_INVALID_REQUEST", `the action ${action} and the RequestType name different operations`, {
      rule: "WS-Trust 1.4, 4.1",
      remedy: `Send the action ${trust13.actions.requestIssue}.`,
    });
  }
}
