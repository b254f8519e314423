import { describe } from "vitest";
import { attack } from "./attack.js";
import { rebuilt, replaced } from "./support/edit.js";
import { against, signedScenes } from "./support/scenes.js";

/*
 * Nothing to verify: what is left out must never be read as what holds.
 */

for (const scene of signedScenes) {
  describe(scene.title, () => {
    attack(
      "A23",
      "no Security header",
      against(scene, (message) => rebuilt(message, { header: message.header.filter((name) => name !== "security") })),
    );
    attack(
      "A23",
      "no Header at all",
      against(scene, (message) => rebuilt(message, { envelope: ["body"] })),
    );
    attack(
      "A23",
      "an empty Security header",
      against(scene, (message) => rebuilt(message, { security: [] })),
    );
    attack(
      "A23",
      "a Security header with a Timestamp alone",
      against(scene, (message) => rebuilt(message, { security: ["timestamp"] })),
    );
    attack(
      "A23",
      "a Security header that need not be understood, empty",
      against(scene, (message) => {
        const { body, soap } = rebuilt(message, { security: [] });
        return { soap, body: replaced(body.toString(), 'mustUnderstand="1"', 'mustUnderstand="0"') };
      }),
    );
    attack("A23", "a Security header for another node, which is genuine but for that", async (expect) => {
      const message = scene.genuine();
      const optional = replaced(message.text, 'mustUnderstand="1"', 'mustUnderstand="0"');
      expect((await scene.route.send({ soap: message.soap, body: optional })).verdict).toBe("accepted");
      const other = message.soap === "1.1" ? 'soap:actor="urn:other"' : 'env:role="urn:other"';
      return scene.route.refuses({
        soap: message.soap,
        body: replaced(message.text, /(soap|env):mustUnderstand="1"/, other),
      });
    });
  });
}
