import { describe, expect, it } from "vitest";
import type { Case } from "./case.js";
import { attachmentCases } from "./cases/attachments.js";
import { bodyCases } from "./cases/bodies.js";
import { connectionCases } from "./cases/connections.js";
import { decisionCases } from "./cases/decisions.js";
import { endpointCases } from "./cases/endpoint.js";
import { failureCases } from "./cases/failures.js";
import { guardCases } from "./cases/guard.js";
import { headerCases } from "./cases/headers.js";
import { pathCases } from "./cases/paths.js";
import { protectedReplyCases } from "./cases/protected-replies.js";
import { replyCases } from "./cases/replies.js";
import { revocationCases } from "./cases/revocation.js";
import { transportCases } from "./cases/transport.js";
import { exceptions } from "./exceptions.js";
import type { Framework, Running } from "./site.js";

/** What every adapter owes its users, whatever the framework. */
const contract: Readonly<Record<string, readonly Case[]>> = {
  "a guard from options": guardCases,
  decisions: decisionCases,
  bodies: bodyCases,
  attachments: attachmentCases,
  headers: headerCases,
  transport: transportCases,
  replies: replyCases,
  "protected replies": protectedReplyCases,
  revocation: revocationCases,
  failures: failureCases,
  connections: connectionCases,
  paths: pathCases,
  endpoints: endpointCases,
};

/** Runs the contract on one framework, but for what `exceptions.ts` declares not to apply to it. */
export function runContract(framework: Framework): void {
  const own = exceptions.filter(({ frameworks }) => frameworks.includes(framework.name));
  describe(`the adapter contract on ${framework.name}`, () => {
    for (const [group, cases] of Object.entries(contract)) {
      describe(group, () => {
        for (const [title, run] of cases) {
          if (!own.some((exception) => exception.title === title)) it(title, () => runCase(framework, run));
        }
      });
    }

    it("excepts only cases that there are, each with a reason", () => {
      const titles = Object.values(contract).flatMap((cases) => cases.map(([title]) => title));
      expect(new Set(titles).size).toBe(titles.length);
      for (const { title, reason } of own) expect([titles.includes(title), reason.length > 0]).toEqual([true, true]);
    });
  });
}

/** Closes whatever the case started. */
async function runCase(framework: Framework, run: Case[1]): Promise<void> {
  const running: Running[] = [];
  try {
    await run(async (site, tls) => {
      const started = await framework.start(site, tls);
      running.push(started);
      return started;
    });
  } finally {
    await Promise.all(running.map((one) => one.close()));
  }
}
