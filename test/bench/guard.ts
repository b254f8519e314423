import { createGuard, type GuardOptions, InMemoryReplayCache, type ReplayCache, saml2, x509 } from "@countersign/core";
import { issuerName, type Operation, type Setting } from "./ours.js";

/** The whole guard without HTTP: media type, engine, policy, replay, decision. */
export function createAdmit(setting: Setting): Operation {
  const guard = createGuard(optionsFor(setting));
  const headers = [["content-type", "text/xml; charset=utf-8"]] as const;
  const transport = { encrypted: true };
  const { signal } = new AbortController();
  return async (message) => {
    const body = async () => message;
    const verdict = await guard.admit({ method: "POST", target: "/orders", headers, body, transport, signal });
    if (verdict.kind === "admitted") return verdict;
    throw verdict.kind === "answered" && verdict.error
      ? verdict.error
      : new RangeError(`the verdict is ${verdict.kind}`);
  };
}

function optionsFor(setting: Setting): GuardOptions {
  const now = Date.parse(setting.now);
  return {
    origin: "https://orders.example",
    ...acceptance(setting),
    clock: { now: () => now },
    limits: { maxBody: 16 << 20 },
    replay: new ForgetfulReplayCache(),
  };
}

function acceptance(setting: Setting): Pick<GuardOptions, "trust" | "accept"> {
  const issuers = [{ name: issuerName, certificates: [setting.issuer] }];
  switch (setting.protection) {
    case "x509":
      return { trust: { authorities: [setting.authority] }, accept: [x509({ subjects: [() => true] })] };
    case "saml-bearer":
      return {
        trust: { issuers },
        accept: [saml2({ audience: "urn:orders", confirm: "bearer", over: "transport" })],
      };
    case "saml-hok":
      return { trust: { issuers }, accept: [saml2({ audience: "urn:orders", confirm: "holder-of-key" })] };
    default:
      throw new RangeError(`no guard is timed for ${setting.protection}`);
  }
}

/**
 * One message is admitted over and over: each time under a new key, as if it were another one, in a cache of the product that is
 * replaced before it is full.
 */
class ForgetfulReplayCache implements ReplayCache {
  #cache = new InMemoryReplayCache();
  #count = 0;

  reserve(entries: Parameters<ReplayCache["reserve"]>[0]): ReturnType<ReplayCache["reserve"]> {
    if (++this.#count % 50_000 === 0) this.#cache = new InMemoryReplayCache();
    const suffix = this.#count.toString(16);
    return this.#cache.reserve(entries.map((entry) => ({ ...entry, key: entry.key.slice(suffix.length) + suffix })));
  }
}
