import { Certificate, contentCipherUri, keyAgreementFor, randomId, randomOctets } from "../crypto/index.js";
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

import { type KeyReference, writeKeyReference } from "./key-reference.js";

/** How a message names the certificate that it is encrypted for. */
export type RecipientReference = "issuer-serial" | "subject-key-identifier" | "thumbprint" | "certificate";

/** A security context that a message is encrypted under: each with a key derived for it. */
export interface ContextRecipient {
  readonly name: ContextName;
  readonly secret: Uint8Array;
  /** Of the derived key. Default: that of the standard. */
  readonly label?: string | undefined;
}

/** A content key that the receiver knows, or that a token of the message tells it. */
export interface SharedContentKey {
  /** 16, 24 or 32 octets. */
  readonly secret: Uint8Array;
  /** How each EncryptedData names it. */
  readonly named: KeyReference;
}

/** The content key of one message, and how the message tells its receiver. */
export interface OutboundContentKey {
  readonly octets: Uint8Array;
  /** The ds:KeyInfo of each EncryptedData. */
  readonly keyInfo: string;
  /** What goes in front of the Security header's children: what opens the key, and the list of what is decrypted first. */
  opening(references: readonly string[]): string;
  /** Whether the key comes from a token that is in the header anyway, if from any: then that goes behind it. Default false. */
  readonly shared?: boolean | undefined;
}

/** The URI of the content cipher for a recipient where none is asked for. */
export function defaultCipher(recipient: Certificate | ContextRecipient | SharedContentKey): string {
  const { aes128Gcm, aes192Gcm, aes256Gcm } = contentCipherUri;
  const octets = "named" in recipient ? recipient.secret.length : 32;
  return octets === 16 ? aes128Gcm : octets === 24 ? aes192Gcm : aes256Gcm;
}

/** Makes the content key of one message. */
export function makeContentKey(
  recipient: Certificate | ContextRecipient | SharedContentKey,
  octets: number,
  reference: RecipientReference | undefined,
): OutboundContentKey {
  if ("named" in recipient) return shared(recipient);
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

/** A key that is known or told elsewhere: a ReferenceList alone. */
function shared({ secret, named }: SharedContentKey): OutboundContentKey {
  return {
    octets: secret,
    keyInfo: writeKeyReference(named),
    opening: (references) => (references.length === 0 ? "" : writeEncryptedDataReferences(references)),
    shared: true,
  };
}
