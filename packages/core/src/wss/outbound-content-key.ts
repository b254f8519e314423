import { Certificate, keyAgreementFor, randomId, randomOctets } from "../crypto/index.js";
import { type ContextName, issueDerivedKey, writeContextReference } from "../tokens/context/index.js";
import { issueBinarySecurityToken } from "../tokens/x509/index.js";
import {
  recipientReference,
  valueTypes,
  writeDirectReference,
  writeEncryptedDataReferences,
  writeEncryptedKey,
  writeKeyInfo,
} from "../xmlsec/index.js";

/** How a message names the certificate that it is encrypted for. */
export type RecipientReference = "issuer-serial" | "subject-key-identifier" | "thumbprint" | "certificate";

/** A security context that a message is encrypted under: each with a key derived for it. */
export interface ContextRecipient {
  readonly name: ContextName;
  readonly secret: Uint8Array;
  /** Of the derived key. Default: that of the standard. */
  readonly label?: string | undefined;
}

/** The content key of one message, and how the message tells its receiver. */
export interface OutboundContentKey {
  readonly octets: Uint8Array;
  /** The ds:KeyInfo of each EncryptedData. */
  readonly keyInfo: string;
  /** What goes in front of the Security header's children: what opens the key, and the list of what is decrypted first. */
  opening(references: readonly string[]): string;
}

/** Makes the content key of one message. */
export function makeContentKey(
  recipient: Certificate | ContextRecipient,
  octets: number,
  reference: RecipientReference | undefined,
): OutboundContentKey {
  return recipient instanceof Certificate ? transported(recipient, octets, reference) : derived(recipient, octets);
}

/** A random key, in an EncryptedKey with its ReferenceList. */
function transported(
  certificate: Certificate,
  octets: number,
  reference: RecipientReference = "issuer-serial",
): OutboundContentKey {
  const key = randomOctets(octets);
  const id = randomId("ek-");
  return {
    octets: key,
    keyInfo: writeKeyInfo(writeDirectReference(id, undefined, { tokenType: valueTypes.encryptedKey })),
    opening(references) {
      const token = reference === "certificate" ? issueBinarySecurityToken([certificate]) : undefined;
      const named = recipientReference(
        certificate,
        reference === "certificate" ? { token: token?.id ?? "" } : reference,
      );
      const { publicKey } = certificate;
      const { xml } = writeEncryptedKey({
        key,
        recipient:
          keyAgreementFor(publicKey) === undefined
            ? { publicKey }
            : { agreementKey: publicKey, recipientKeyInfo: named },
        keyInfo: writeKeyInfo(named),
        id,
        references,
      });
      return `${token?.xml ?? ""}${xml}`;
    },
  };
}

/** A derived key: its DerivedKeyToken, and a ReferenceList beside it. */
function derived({ name, secret, label }: ContextRecipient, length: number): OutboundContentKey {
  const reference = writeContextReference(name);
  const { xml, id, valueType, key } = issueDerivedKey(name.words, { secret, reference, label, length });
  return {
    octets: key.export(),
    keyInfo: writeKeyInfo(writeDirectReference(id, valueType)),
    opening: (references) => `${xml}${references.length === 0 ? "" : writeEncryptedDataReferences(references)}`,
  };
}
