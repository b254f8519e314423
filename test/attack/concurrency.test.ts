import { credentials } from "../support/credentials.js";
import { x509Message } from "../support/messages.js";
import { attack } from "./attack.js";
import { replaced } from "./support/edit.js";
import { direct } from "./support/scenes.js";

const { signer, elliptic, edwards } = credentials();
const route = direct.route.with({
  trust: { certificates: [signer, elliptic, edwards].map(({ certificate }) => certificate) },
});

attack("C25", "messages of three signers at once each get their own verdict", async (expect) => {
  const genuine = [
    x509Message({ signer }),
    x509Message({ signer: elliptic, algorithm: "ecdsa-sha256" }),
    x509Message({ signer: edwards, algorithm: "ed25519" }),
  ];
  const names = ["CN=alice,O=Example", "CN=alice-ec,O=Example", "CN=alice-ed,O=Example"];
  const evil = genuine.map(({ text }) => replaced(text, ">A-100001<", ">A-999999<"));
  const sent = Array.from({ length: 60 }, (_, i) => ({ i, good: i % 2 === 0, which: (i >> 1) % 3 }));
  const outcomes = await Promise.all(
    sent.map(({ good, which }) => route.send({ soap: "1.1", body: (good ? genuine[which]?.text : evil[which]) ?? "" })),
  );
  for (const { i, good, which } of sent) {
    const decision = outcomes[i]?.decision;
    if (good) expect(decision?.kind === "admitted" && decision.security.principal.name).toBe(names[which]);
    else expect(outcomes[i]?.verdict).toBe("FC");
  }
  return "holds" as const;
});
