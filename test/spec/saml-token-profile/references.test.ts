import { describe, expect, it } from "vitest";
import { changed, replaced } from "../../attack/support/edit.js";
import { holderOfKey, holderOfKey11 } from "../../attack/support/scenes.js";

/*
 * SAML Token Profile 1.1 section 3.4: how a signature names the assertion whose key made it. The reference is a hint that
 * nothing signs: whatever it says, only the key of an assertion of the message can verify the signature.
 */

const profile10 = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0";
const profile11 = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1";
const of = {
  "1.1": { identifier: `${profile10}#SAMLAssertionID`, type: `${profile11}#SAMLV1.1` },
  "2.0": { identifier: `${profile11}#SAMLID`, type: `${profile11}#SAMLV2.0` },
} as const;
const byId = (ValueType: string, id = "_assertion-1") =>
  `<wsse:KeyIdentifier ValueType="${ValueType}">${id}</wsse:KeyIdentifier>`;
const direct = (id = "_assertion-1") => `<wsse:Reference URI="#${id}"/>`;

describe.each([holderOfKey, holderOfKey11])("references to an assertion: $title", ({ route, genuine, saml }) => {
  const other = saml.version === "2.0" ? "1.1" : "2.0";
  const { identifier, type } = of[saml.version];
  /** The genuine message with another reference in its signature, and another TokenType or none. */
  const send = async (reference: string, tokenType: string | undefined) => {
    const sent = changed(genuine(), "signature", (signature) =>
      replaced(
        replaced(
          signature,
          / wsse11:TokenType="[^"]*"/,
          tokenType === undefined ? "" : ` wsse11:TokenType="${tokenType}"`,
        ),
        /<wsse:KeyIdentifier [\s\S]*<\/wsse:KeyIdentifier>/,
        reference,
      ),
    );
    return (await route.send(sent)).verdict;
  };

  it.each([
    ["a key identifier", byId(identifier), type],
    ["a key identifier without TokenType, as older peers send it", byId(identifier), undefined],
    ["a direct reference", direct(), type],
    ["a direct reference without TokenType", direct(), undefined],
    ["a TokenType that says nothing of a version", byId(identifier), "urn:example:saml"],
  ])("accepts %s", async (_, reference, tokenType) => {
    expect(await send(reference, tokenType)).toBe("accepted");
  });

  it.each([
    ["the key identifier of the other version", byId(of[other].identifier), type],
    ["the TokenType of the other version", byId(identifier), of[other].type],
    ["a direct reference with the TokenType of the other version", direct(), of[other].type],
    ["another AssertionID", byId(identifier, "_assertion-2"), type],
    ["a direct reference to nothing", direct("_assertion-2"), type],
  ])("rejects %s with ERR_WSS_TOKEN_UNAVAILABLE", async (_, reference, tokenType) => {
    expect(await send(reference, tokenType)).toBe("TU");
  });

  it("rejects two ways in one reference with ERR_WSS_INVALID_SECURITY", async () => {
    expect(await send(byId(identifier) + direct(), type)).toBe("IS");
  });
});
