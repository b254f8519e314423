import {
  digestUri,
  encodeBase64,
  type KeyDerivationParameters,
  type KeyObject,
  keyAgreementFor,
  keyDerivation,
  keyDerivationUri,
  publicKeyInfo,
} from "../crypto/index.js";
import { refuse } from "../errors/index.js";
import { element } from "../xml/index.js";
import { xmldsigMore2021Namespace } from "./encryption-names.js";
import { writeDerKeyValue, writeKeyInfo } from "./key-info-writer.js";
import { xenc11Namespace } from "./names.js";

/** The holder of an EC or X25519 key: the wrapping key is agreed upon with an ephemeral key of ours. */
export interface AgreementRecipient {
  readonly agreementKey: KeyObject;
  /** URI of the key wrap. Default AES-256. */
  readonly wrap?: string | undefined;
  /** Default ConcatKDF with SHA-256 for EC keys, HKDF with HMAC-SHA256 for X25519. */
  readonly derivation?: KeyDerivationParameters | undefined;
  /** What stands in RecipientKeyInfo, such as a {@link recipientReference}. Default: nothing. */
  readonly recipientKeyInfo?: string | undefined;
}

/**
 * Agrees on a key with a recipient, under a fresh ephemeral key.
 * @returns The key, and the ds:KeyInfo with the AgreementMethod that leads the recipient to it.
 * @throws ERR_WSS_UNSUPPORTED_ALGORITHM for a recipient's key or a key derivation that does not serve.
 */
export function agreeWith(
  recipient: AgreementRecipient,
  octets: number,
): { readonly key: Buffer; readonly keyInfo: string } {
  const { agreementKey, recipientKeyInfo } = recipient;
  const agreement = keyAgreementFor(agreementKey);
  if (agreement === undefined) return refuse("ERR_WSS_UNSUPPORTED_ALGORITHM", "the recipient's key agrees on nothing");
  const parameters = recipient.derivation ?? defaultDerivation(agreementKey, octets);
  const uri = parameters.kind === "concat" ? keyDerivationUri.concatKdf : keyDerivationUri.hkdf;
  const derivation = keyDerivation(uri, parameters);
  const ours = agreement.ephemeral(agreementKey);
  const secret = agreement.agree(ours.privateKey, agreementKey);
  if (derivation === undefined || secret === undefined) {
    return refuse(
      "ERR_WSS_UNSUPPORTED_ALGORITHM",
      "the key derivation is not known, or the recipient's key is no good",
    );
  }
  const keyInfo = writeKeyInfo(
    element(
      "xenc:AgreementMethod",
      { Algorithm: agreement.uri },
      element(
        "xenc11:KeyDerivationMethod",
        { "xmlns:xenc11": xenc11Namespace, Algorithm: uri },
        writeDerivation(parameters),
      ),
      element("xenc:OriginatorKeyInfo", {}, writeDerKeyValue(publicKeyInfo(ours.publicKey))),
      recipientKeyInfo === undefined ? "" : element("xenc:RecipientKeyInfo", {}, recipientKeyInfo),
    ),
  );
  return { key: derivation.derive(secret, octets), keyInfo };
}

function defaultDerivation(key: KeyObject, octets: number): KeyDerivationParameters {
  return key.asymmetricKeyType === "x25519"
    ? { kind: "hkdf", keyLength: octets }
    : { kind: "concat", digest: digestUri.sha256, algorithmId: "", partyUInfo: "", partyVInfo: "" };
}

function writeDerivation(parameters: KeyDerivationParameters): string {
  if (parameters.kind === "concat") {
    const { algorithmId, partyUInfo, partyVInfo, suppPubInfo, suppPrivInfo } = parameters;
    const attributes = {
      AlgorithmID: algorithmId,
      PartyUInfo: partyUInfo,
      PartyVInfo: partyVInfo,
      SuppPubInfo: suppPubInfo,
      SuppPrivInfo: suppPrivInfo,
    };
    return element(
      "xenc11:ConcatKDFParams",
      Object.fromEntries(
        Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      element("ds:DigestMethod", { Algorithm: parameters.digest }),
    );
  }
  const { prf, salt, info, keyLength } = parameters;
  return element(
    "more:HKDFParams",
    { "xmlns:more": xmldsigMore2021Namespace },
    prf === undefined ? "" : element("more:PRF", { Algorithm: prf }),
    salt === undefined ? "" : element("more:Salt", {}, encodeBase64(salt)),
    info === undefined ? "" : element("more:Info", {}, Buffer.from(info).toString("hex")),
    keyLength === undefined ? "" : element("more:KeyLength", {}, String(keyLength)),
  );
}
