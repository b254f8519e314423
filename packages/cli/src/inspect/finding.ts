import { isCountersignError, type Place } from "@countersign/core";

/** The value of a field: one, or a list of texts. */
export type FieldValue = string | number | boolean | readonly string[];

/** Something that was recognised, with what it says of itself. Nothing in it was verified. */
export interface Finding {
  /** For programs: `certificate`, `saml-assertion` and so on. */
  readonly kind: string;
  /** For people: one line. */
  readonly summary: string;
  /** Names in camel case; what is absent is left out. Never a secret. */
  readonly fields: Readonly<Record<string, FieldValue | undefined>>;
  /** What it holds. */
  readonly parts?: readonly Finding[] | undefined;
  /** Why it cannot be read further. */
  readonly problem?: { readonly code: string; readonly reason: string; readonly place?: Place | undefined } | undefined;
}

/** Reads a finding; where the reader refuses, the finding says what is wrong. */
export function findingOf(kind: string, name: string, read: () => Finding): Finding {
  try {
    return read();
  } catch (error) {
    if (!isCountersignError(error)) throw error;
    const { reason, place } = error.detail;
    return {
      kind,
      summary: `${name}, not readable`,
      fields: {},
      problem: { code: error.code, reason, place: place?.() },
    };
  }
}

/** A moment as text; undefined stays. */
export const moment = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString().replace(".000Z", "Z");

/** Octets as pairs of hexadecimal digits. */
export const colons = (hexadecimal: string): string => hexadecimal.toUpperCase().replace(/..(?=.)/g, "$&:");
