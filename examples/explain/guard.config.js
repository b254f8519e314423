// The guard of an imaginary order service: what `countersign explain --config` takes, and any adapter's countersign().
import { readFileSync } from "node:fs";
import { has, saml2, x509 } from "@countersign/core";

const certificate = (name) => readFileSync(new URL(`trust/${name}.pem`, import.meta.url), "utf8");

export default {
  origin: "https://orders.example",
  trust: {
    issuers: [{ name: "https://sts.example", certificates: [certificate("sts")] }],
    certificates: [certificate("partner")],
  },
  accept: [
    saml2({ audience: "https://orders.example/orders", confirm: "holder-of-key", signed: ["body", "timestamp"] }),
    x509({ signed: ["body", "timestamp"] }),
  ],
  require: {
    claims: [
      {
        description: "role = clerk, or a partner's certificate",
        holds: (claims, principal) => principal.kind === "x509" || has("role", "clerk").holds(claims, principal),
      },
    ],
  },
};
