import {
  isAddressing,
  parseRequestSecurityToken,
  type RequestSecurityToken,
  refuse,
  requestedOperation,
  scan,
  type TrustOperation,
  type TrustVocabulary,
  trust13,
  trustVersions,
  type VerifiedMessage,
  type XmlDocument,
} from "@countersign/core/sts";

/** Longest MessageID that is echoed, in characters. */
const maxMessageId = 256;
/** Requests in one collection. */
const maxBatch = 20;

/** The requests of one message: one, or the two and more of a collection, all for one operation. */
export interface TrustRequest {
  readonly operation: TrustOperation;
  readonly vocabulary: TrustVocabulary;
  readonly batch: boolean;
  readonly requests: readonly RequestSecurityToken[];
}

/**
 * Reads what a verified message asks for: a wst:RequestSecurityToken or a wst:RequestSecurityTokenCollection.
 * @throws ERR_TRUST_INVALID_REQUEST, ERR_TRUST_BAD_REQUEST
 */
export function readRequest(message: VerifiedMessage): TrustRequest {
  const document = scan(Buffer.from(message.body.bytes));
  const element = document.firstChild(0);
  if (element === -1) {
    refuse("ERR_TRUST_INVALID_REQUEST", "the Body must hold one RequestSecurityToken", { rule: "WS-Trust 1.4, 3.1" });
  }
  if (document.nextSibling(element) !== -1) {
    refuse("ERR_TRUST_BAD_REQUEST", "several requests stand in the Body", {
      rule: "WS-Trust 1.4, 3.1",
      remedy: "Send several requests in a RequestSecurityTokenCollection.",
    });
  }
  const batch = trustVersions.some(({ names }) => names.RequestSecurityTokenCollection === document.name(element));
  const elements = batch ? membersOf(document, element) : [element];
  const requests = elements.map((one) => parseRequestSecurityToken(document, one));
  return requireOneOperation(requests, batch, addressing(message, "Action"));
}

function membersOf(document: XmlDocument, collection: number): readonly number[] {
  const members: number[] = [];
  for (let child = document.firstChild(collection); child !== -1; child = document.nextSibling(child)) {
    if (members.length === maxBatch) {
      refuse("ERR_TRUST_BAD_REQUEST", `the collection holds more than ${maxBatch} requests`, {
        rule: "WS-Trust 1.4, 4.2",
        remedy: "Send them in several messages.",
      });
    }
    members.push(child);
  }
  if (members.length > 1) return members;
  return refuse("ERR_TRUST_INVALID_REQUEST", "a collection holds two requests at least", {
    rule: "WS-Trust 1.4, 4.2",
    remedy: "Send a single request alone.",
  });
}

/** The request's MessageID, where it has one that may be echoed. */
export function messageId(message: VerifiedMessage): string | undefined {
  const id = addressing(message, "MessageID");
  return id !== undefined && id.length <= maxMessageId ? id : undefined;
}

function addressing(message: VerifiedMessage, name: string): string | undefined {
  return message.headers.find((header) => header.localName === name && isAddressing(header.namespace))?.text?.trim();
}

/** Refuses requests for several operations, or in several versions, and an action that says another operation. */
function requireOneOperation(
  requests: readonly RequestSecurityToken[],
  batch: boolean,
  action: string | undefined,
): TrustRequest {
  const operations = requests.map(({ requestType, vocabulary }) => {
    const asked = requestedOperation(requestType);
    if (asked !== undefined && asked.version === vocabulary && asked.batch === batch) return asked;
    return refuse("ERR_TRUST_BAD_REQUEST", `the operation ${requestType} is not supported here`, {
      rule: "WS-Trust 1.4, 3.1",
      remedy: `Ask for ${trust13.requestTypes.issue}, or for another operation of the request's own version.`,
    });
  });
  const [first] = operations;
  if (first === undefined) refuse("ERR_INTERNAL", "there is no request");
  const { operation, version } = first;
  if (operations.some((other) => other.operation !== operation || other.version !== version)) {
    refuse("ERR_TRUST_INVALID_REQUEST", "the requests of a collection ask for different operations", {
      rule: "WS-Trust 1.4, 4.2",
      remedy: "Send one collection for each operation.",
    });
  }
  const expected = batch ? version.batchTypes[operation] : version.actions[operation];
  if (action !== undefined && action !== expected) {
    refuse("ERR_TRUST_INVALID_REQUEST", `the action ${action} and the RequestType name different operations`, {
      rule: "WS-Trust 1.4, 4.1",
      remedy: `Send the action ${expected}.`,
    });
  }
  return { operation, vocabulary: version, batch, requests };
}
