import {
  type DigestAlgorithmName,
  digestAlgorithms,
  hashOf,
  type SignatureAlgorithmName,
  signatureAlgorithms,
  signWith,
  transforms,
} from "./algorithms.js";
import type { Signer } from "./credentials.js";
import { type CanonicalForm, canonical, type Element, element, inside, type Scope } from "./markup.js";
import { profile } from "./namespaces.js";

/** One thing to be signed: where it points, and the octets that stand there in canonical form. */
export interface SigningTarget {
  /** Name of the part, for the record; empty for the parent of an enveloped signature. */
  readonly part: string;
  readonly uri: string;
  readonly octets: Buffer;
  /** What stands before canonicalisation, or around it; canonicalisation alone where absent. */
  readonly transform?: "enveloped" | "str" | "attachment-content" | "attachment-complete";
}

/** What a signature is made of. */
export interface SigningPlan {
  /** Name of the part the signature stands in. */
  readonly part: string;
  readonly algorithm: SignatureAlgorithmName;
  readonly digest: DigestAlgorithmName;
  readonly form: CanonicalForm;
  readonly signer: Signer;
  readonly targets: readonly SigningTarget[];
  /** Children of ds:KeyInfo; none leaves KeyInfo out. */
  readonly keyInfo: readonly (Element | string)[];
  readonly id?: string;
  /** Prefixes the message declares around the ds:Signature. */
  readonly around: Scope;
}

/** What went into a signature: enough to verify it with node:crypto alone. */
export interface SignatureRecord {
  /** The part it stands in. */
  readonly part: string;
  readonly algorithm: SignatureAlgorithmName;
  readonly digest: DigestAlgorithmName;
  readonly signer: Signer;
  /** Canonical octets of ds:SignedInfo. */
  readonly signedInfo: Buffer;
  readonly value: Buffer;
  /** Canonical octets behind each ds:Reference. */
  readonly references: readonly { readonly part: string; readonly uri: string; readonly octets: Buffer }[];
}

/** A finished signature. */
export interface MadeSignature {
  readonly element: Element;
  readonly record: SignatureRecord;
}

/** Makes a ds:Signature (XML Signature 1.1 section 4). */
export function makeSignature(plan: SigningPlan): MadeSignature {
  const signature = (value: Buffer) =>
    element("ds:Signature", plan.id === undefined ? {} : { Id: plan.id }, [
      signedInfo,
      element("ds:SignatureValue", {}, [value.toString("base64")]),
      ...(plan.keyInfo.length === 0 ? [] : [element("ds:KeyInfo", {}, plan.keyInfo)]),
    ]);
  const signedInfo = element("ds:SignedInfo", {}, [
    method("ds:CanonicalizationMethod", plan.form),
    element("ds:SignatureMethod", { Algorithm: signatureAlgorithms[plan.algorithm].uri }),
    ...plan.targets.map((target) => reference(target, plan)),
  ]);
  const octets = canonical(signedInfo, plan.form, inside(signature(Buffer.alloc(0)), plan.around));
  const { part, algorithm, digest, signer } = plan;
  const value = signWith(algorithm, signer.privateKey, octets);
  const references = plan.targets.map((target) => ({ part: target.part, uri: target.uri, octets: target.octets }));
  return {
    element: signature(value),
    record: { part, algorithm, digest, signer, signedInfo: octets, value, references },
  };
}

function reference(target: SigningTarget, plan: SigningPlan): Element {
  return element("ds:Reference", { URI: target.uri }, [
    element("ds:Transforms", {}, transformsOf(target, plan.form)),
    element("ds:DigestMethod", { Algorithm: digestAlgorithms[plan.digest].uri }),
    element("ds:DigestValue", {}, [hashOf(plan.digest, target.octets).toString("base64")]),
  ]);
}

function transformsOf(target: SigningTarget, form: CanonicalForm): readonly Element[] {
  if (target.transform === "str") {
    const parameters = element("wsse:TransformationParameters", {}, [method("ds:CanonicalizationMethod", form)]);
    return [element("ds:Transform", { Algorithm: profile.strTransform }, [parameters])];
  }
  if (target.transform === "attachment-content")
    return [element("ds:Transform", { Algorithm: profile.attachmentContent })];
  if (target.transform === "attachment-complete") {
    return [element("ds:Transform", { Algorithm: profile.attachmentComplete })];
  }
  const canonicalization = method("ds:Transform", form);
  if (target.transform !== "enveloped") return [canonicalization];
  return [element("ds:Transform", { Algorithm: transforms.enveloped }), canonicalization];
}

function method(name: string, form: CanonicalForm): Element {
  if (form.method === "inclusive") return element(name, { Algorithm: transforms.inclusive });
  const prefixes = form.inclusivePrefixes ?? [];
  return element(
    name,
    { Algorithm: transforms.exclusive },
    prefixes.length === 0 ? [] : [element("ec:InclusiveNamespaces", { PrefixList: prefixes.join(" ") })],
  );
}
