/** A Keycloak of this machine: a realm with a user and two clients, of which one gets tokens for our service. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { kill } from "../../kit/processes.ts";
import { waitUntil } from "../../kit/wait.ts";

/** Who may change the realm, and who logs in. Nobody else reaches it: it listens on loopback, and ends with the suite. */
const ADMIN = { username: "admin", password: "admin-of-the-lab" };
export const ADA = { username: "ada", password: "correct horse battery staple", email: "ada@example.org" };

/** Where its clients wait. Nobody does: the redirect is read, not followed. */
export const REDIRECT = "http://127.0.0.1:33418/callback";

/** Milliseconds. The first start builds it. */
const START_TIME = 600_000;

const REALM = "gangway";

/** One that runs. */
export class Keycloak {
  readonly issuer: string;
  readonly #base: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, base: string) {
    this.#child = child;
    this.#base = base;
    this.issuer = `${base}/realms/${REALM}`;
  }

  /** @param home the folder that its archive unpacks to @throws Error when it does not start */
  static async start(home: string, port: number, audience: string): Promise<Keycloak> {
    const flags = ["start-dev", "--db=dev-mem", "--http-host=127.0.0.1", `--http-port=${port}`];
    const env = {
      ...process.env,
      KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
    };
    const child = spawn(join(home, "bin/kc.sh"), flags, { env, stdio: "ignore", detached: true });
    const keycloak = new Keycloak(child, `http://127.0.0.1:${port}`);
    const started = await waitUntil(() => keycloak.#answers(), START_TIME);
    if (!started) {
      await keycloak.stop();
      throw new Error("Keycloak does not answer: start it by hand to see why");
    }
    await keycloak.#admin("/admin/realms", realmFor(audience));
    return keycloak;
  }

  /** Signs with a new key from now on; the old one stays valid. */
  async rotate(): Promise<void> {
    const config = { priority: ["200"], keySize: ["2048"] };
    await this.#admin(`/admin/realms/${REALM}/components`, {
      name: "rotated",
      providerId: "rsa-generated",
      providerType: "org.keycloak.keys.KeyProvider",
      config,
    });
  }

  /** A token of the realm that knows nothing of the service. */
  async foreignToken(): Promise<string> {
    const form = { grant_type: "password", client_id: "admin-cli", ...ADMIN };
    return (await tokensFrom(`${this.#base}/realms/master`, form))["access_token"]!;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const ended = once(this.#child, "exit");
    kill(-this.#child.pid, "SIGKILL");
    await ended;
  }

  async #answers(): Promise<boolean> {
    const response = await fetch(`${this.#base}/realms/master`).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status === 200;
  }

  async #admin(path: string, body: object): Promise<void> {
    const authorization = `Bearer ${await this.foreignToken()}`;
    const headers = { authorization, "content-type": "application/json" };
    const response = await fetch(this.#base + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (response.status !== 201) throw new Error(`POST ${path}: HTTP ${response.status} ${await response.text()}`);
  }
}

/** @throws Error when the token endpoint refuses */
export async function tokensFrom(
  issuer: string,
  form: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const url = `${issuer}/protocol/openid-connect/token`;
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
  if (response.status !== 200) throw new Error(`${url}: HTTP ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, string>;
}

/** What an operator would click together. */
const realmFor = (audience: string) => ({
  realm: REALM,
  enabled: true,
  users: [
    {
      username: ADA.username,
      enabled: true,
      email: ADA.email,
      emailVerified: true,
      firstName: "Ada",
      lastName: "L",
      credentials: [{ type: "password", value: ADA.password }],
    },
  ],
  clients: [client("mcp-client", [audienceMapper(audience)]), client("other-client", [])],
});

const client = (clientId: string, protocolMappers: readonly object[]) => ({
  clientId,
  publicClient: true,
  standardFlowEnabled: true,
  redirectUris: [REDIRECT],
  attributes: { "pkce.code.challenge.method": "S256" },
  protocolMappers,
});

const audienceMapper = (audience: string) => ({
  name: "audience",
  protocol: "openid-connect",
  protocolMapper: "oidc-audience-mapper",
  config: { "included.custom.audience": audience, "access.token.claim": "true" },
});
