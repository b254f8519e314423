import { describe, expect, it } from "vitest";
import { CountersignError, type ErrorCode } from "../errors/index.js";
import type { OpenedSecurity } from "../wss/index.js";
import {
  type Accepted,
  type Circumstances,
  type CompiledAlternative,
  evaluateAlternatives,
  type Fit,
} from "./evaluate.js";

const circumstances: Circumstances = { now: 0, until: 0, encrypted: true, peerCertificate: undefined };
const header = { element: 0, usernameTokens: [], assertions: [], signatures: [], binaryTokens: [], contextTokens: [] };
const opened = (kinds: Partial<Record<keyof typeof header, readonly number[]>> = { usernameTokens: [1] }) =>
  ({
    header: { ...header, ...kinds },
    envelope: { document: {} },
    signatures: [],
    decrypted: [],
  }) as unknown as OpenedSecurity;

const failing = (code: ErrorCode, reason: string) => () => Promise.reject(new CountersignError(code, { reason }));

/** Alternatives by how far the message fits them and what they make of it; `asked` says which were evaluated. */
function route(...given: readonly (readonly [Fit, () => Promise<unknown>])[]) {
  const asked: number[] = [];
  const alternatives = given.map(
    ([fit, act], index): CompiledAlternative => ({
      index,
      fit: () => fit,
      evaluate: () => {
        asked.push(index);
        return act() as Promise<Accepted>;
      },
    }),
  );
  return { alternatives, asked };
}

const accepts = (alternative: number) => () => Promise.resolve({ alternative });
const reason = (text: string) => expect.objectContaining({ detail: expect.objectContaining({ reason: text }) });

describe("evaluateAlternatives", () => {
  it("accepts by the first that the message satisfies, and asks no other", async () => {
    const { alternatives, asked } = route(
      ["none", accepts(0)],
      ["proof", failing("ERR_WSS_FAILED_CHECK", "second")],
      ["kind", accepts(2)],
      ["proof", accepts(3)],
    );
    expect(await evaluateAlternatives(alternatives, opened(), circumstances)).toEqual({ alternative: 2 });
    expect(asked).toEqual([1, 2]);
  });

  it("rejects with the refusal of the best fit, and of the first among equals", async () => {
    const kind = ["kind", failing("ERR_WSS_FAILED_CHECK", "kind")] as const;
    const proof = ["proof", failing("ERR_WSS_INVALID_TOKEN", "proof")] as const;
    const other = ["proof", failing("ERR_TOKEN_PROOF", "other")] as const;
    for (const [given, told] of [
      [[kind, proof, other], "proof"],
      [[proof, kind], "proof"],
      [[other, proof], "other"],
      [[kind], "kind"],
      [[["none", accepts(0)], kind], "kind"],
    ] as const) {
      await expect(evaluateAlternatives(route(...given).alternatives, opened(), circumstances)).rejects.toThrow(
        reason(told),
      );
    }
  });

  it.each<[string, () => Promise<unknown>]>([
    ["an outage", failing("ERR_UNAVAILABLE", "stop")],
    ["a defect", failing("ERR_INTERNAL", "stop")],
    ["an error of another kind", () => Promise.reject(new RangeError("stop"))],
  ])("rejects at once for %s, though another alternative would accept or refused before", async (_, act) => {
    for (const first of [
      ["proof", failing("ERR_WSS_FAILED_CHECK", "refused")],
      ["none", accepts(0)],
    ] as const) {
      const { alternatives, asked } = route(first, ["kind", act], ["proof", accepts(2)]);
      await expect(evaluateAlternatives(alternatives, opened(), circumstances)).rejects.not.toThrow("refused");
      expect(asked).not.toContain(2);
    }
  });

  it("rejects no token with ERR_TOKEN_MISSING, and one of another kind with ERR_WSS_UNSUPPORTED_TOKEN", async () => {
    const { alternatives } = route(["none", accepts(0)]);
    const verdict = (given: OpenedSecurity) => evaluateAlternatives(alternatives, given, circumstances);
    await expect(verdict(opened({}))).rejects.toMatchObject({ code: "ERR_TOKEN_MISSING" });
    for (const kind of ["usernameTokens", "assertions", "signatures", "binaryTokens", "contextTokens"] as const) {
      await expect(verdict(opened({ [kind]: [1] }))).rejects.toMatchObject({ code: "ERR_WSS_UNSUPPORTED_TOKEN" });
    }
    await expect(evaluateAlternatives([], opened({}), circumstances)).rejects.toMatchObject({
      code: "ERR_TOKEN_MISSING",
    });
  });
});
