import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority } from "@countersign/core/testing";
import { Client, InvalidCredentialsError } from "ldapts";

const authority = createTestAuthority({ subject: "CN=Directory CA" });
const server = authority.issue({ subject: "CN=directory", alternativeNames: [{ ip: "127.0.0.1" }] });

/** The directory's root, and the account that may write everything. */
export const directoryBase = "dc=example,dc=org";
export const directoryAdmin = { dn: `cn=admin,${directoryBase}`, password: "admin's" };
/** The account that searches. */
export const searcher = { dn: `cn=countersign,${directoryBase}`, password: "searcher's" };
/** The authority of the directory's TLS certificate, PEM. */
export const directoryCa = authority.certificate;

/** A person of the directory: distinguished name below `ou=people`, and attributes. */
export interface Person {
  readonly uid: string | readonly string[];
  readonly password?: string | undefined;
  readonly mail?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** OpenLDAP's server on loopback, with a directory of its own in a temporary folder. */
export class Slapd {
  readonly #folder = mkdtempSync(join(tmpdir(), "slapd-"));
  readonly #ports: readonly [plain: number, tls: number];
  #process: ChildProcess | undefined;

  private constructor(ports: readonly [number, number]) {
    this.#ports = ports;
    const write = (name: string, text: string) => writeFileSync(join(this.#folder, name), text, { mode: 0o600 });
    mkdirSync(join(this.#folder, "data"));
    write("ca.pem", authority.certificate);
    write("server.pem", server.certificate);
    write("server.key", server.privateKey);
    write("slapd.conf", configuration(this.#folder));
    write("base.ldif", base);
    const from = ["-f", join(this.#folder, "slapd.conf"), "-l", join(this.#folder, "base.ldif")];
    execFileSync("slapadd", from, { stdio: ["ignore", "ignore", "pipe"] });
  }

  /** Starts one and waits until it answers. */
  static async start(): Promise<Slapd> {
    const slapd = new Slapd([await freePort(), await freePort()]);
    await slapd.resume();
    return slapd;
  }

  /** Its address without TLS, which may be turned into TLS. */
  get url(): string {
    return `ldap://127.0.0.1:${this.#ports[0]}`;
  }

  /** Its address with TLS. */
  get tlsUrl(): string {
    return `ldaps://127.0.0.1:${this.#ports[1]}`;
  }

  /** Adds a person, or replaces one. */
  async put({ uid, password, mail, groups = [] }: Person, dn = `uid=${[uid].flat()[0]},ou=people,${directoryBase}`) {
    await this.#asAdmin(async (client) => {
      await client.del(dn).catch(() => undefined);
      await client.add(dn, {
        objectClass: ["inetOrgPerson"],
        cn: [uid].flat()[0] as string,
        sn: "Person",
        uid: [...[uid].flat()],
        ...(password !== undefined && { userPassword: password }),
        ...(mail !== undefined && { mail: [...mail] }),
      });
      for (const group of groups) {
        const groupDn = `cn=${group},ou=groups,${directoryBase}`;
        await client.del(groupDn).catch(() => undefined);
        await client.add(groupDn, { objectClass: ["groupOfNames"], member: dn });
      }
    });
  }

  /** Removes a person. */
  async remove(uid: string): Promise<void> {
    await this.#asAdmin((client) => client.del(`uid=${uid},ou=people,${directoryBase}`));
  }

  /** Stops the server from answering; its connections stay open. */
  hang(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** Lets it answer again, or starts it again. */
  async resume(): Promise<void> {
    if (this.#process === undefined) {
      const listen = `${this.url}/ ${this.tlsUrl}/`;
      const options = ["-h", listen, "-f", join(this.#folder, "slapd.conf"), "-d", "0"];
      this.#process = spawn("slapd", options, { stdio: "ignore" });
    } else {
      this.#process.kill("SIGCONT");
    }
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#asAdmin(async () => undefined);
        return;
      } catch (error) {
        if (attempt === 200 || error instanceof InvalidCredentialsError) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Ends the process; what the directory holds stays. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGCONT");
    running.kill("SIGTERM");
    await ended;
  }

  /** Ends it and removes what it held. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #asAdmin(work: (client: Client) => Promise<void>): Promise<void> {
    const client = new Client({ url: this.url, timeout: 2_000, connectTimeout: 2_000 });
    try {
      await client.bind(directoryAdmin.dn, directoryAdmin.password);
      await work(client);
    } finally {
      await client.unbind();
    }
  }
}

/** `pw-argon2` and the like are modules that not every package has: passwords stand here as they are. */
const configuration = (folder: string) => `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/server.pem
TLSCertificateKeyFile ${folder}/server.key
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=people,${directoryBase}" by dn.exact="${searcher.dn}" read by self read by * none
access to dn.subtree="ou=groups,${directoryBase}" by users read by * none
access to * by dn.exact="${searcher.dn}" read by * none
database mdb
maxsize 16777216
suffix "${directoryBase}"
directory ${folder}/data
rootdn "${directoryAdmin.dn}"
rootpw "${directoryAdmin.password}"
`;

const base = `dn: ${directoryBase}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${searcher.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: countersign
userPassword: ${searcher.password}

dn: ou=people,${directoryBase}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${directoryBase}
objectClass: organizationalUnit
ou: groups
`;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
