/** Deploys edge and services together. The clouds are fakes and this machine, behind a real sshd, is the droplet; the rest is real. */
import { randomBytes } from "node:crypto";
import { globSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { command } from "./catalog/kinds/command.ts";
import { containers, names, removeDeployment } from "./fixtures/engine.ts";
import { startFakeCloudflare } from "./fixtures/fake-cloudflare.ts";
import { startFakeDigitalocean } from "./fixtures/fake-digitalocean.ts";
import { Project } from "./fixtures/project.ts";
import { type Ran, run } from "./fixtures/run.ts";
import { missingSshServer, type SshServer, startSshServer } from "./fixtures/ssh-server.ts";
import { missingParts } from "./fixtures/terraform.ts";
import { foundIn } from "./fixtures/traces.ts";
import { docker } from "./provision/docker.ts";

const providers = ["cloudflare/cloudflare/5.14.0", "digitalocean/digitalocean/2.71.0"];
const missing = missingParts(providers, ["ssh"]) ?? missingSshServer();
if (missing !== undefined) console.log(`edge and services together are skipped: ${missing}`);

const accountId = "0123456789abcdef0123456789abcdef";
const zone = { id: "fedcba9876543210fedcba9876543210", name: "example.org" };
const apiToken = randomBytes(30).toString("base64url");
const token = `dop_v1_${randomBytes(32).toString("hex")}`;
const bearer = `bearer-${randomBytes(12).toString("hex")}`;
const host = `test-notes.${zone.name}`;

/** The result that cloud-init writes when it has finished. */
const firstBoot = { cat: `echo '{"v1": {"errors": []}}'` };

/** The containers that only a deployment under a domain has. */
const ours = /^(acme-companion|cloudflared)$/;

interface Asked {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

describe.skipIf(inject("lacking") !== "" || missing !== undefined)("edge and services", () => {
  const project = new Project();
  let deployed: Ran;
  let proxy: string;
  let end: () => Promise<unknown>;
  let ssh: SshServer;
  let cloudflare: Awaited<ReturnType<typeof startFakeCloudflare>>;

  const cdktf = (...words: string[]) => project.run("npx", "cdktf", ...words, "--auto-approve", "--skip-provider-lock");

  beforeAll(async () => {
    ssh = await startSshServer(firstBoot);
    cloudflare = await startFakeCloudflare({ apiToken, accountId, zone, mayWriteRules: false });
    const digitalocean = await startFakeDigitalocean({ token, address: "127.0.0.1" });
    end = async () => {
      ssh.remove();
      await Promise.all([cloudflare.api.close(), digitalocean.api.close()]);
    };
    project.env = {
      CI: "",
      DOMAIN: zone.name,
      LETSENCRYPT_EMAIL: "ops@example.org",
      CLOUDFLARE_API_TOKEN: apiToken,
      CLOUDFLARE_ACCOUNT_ID: accountId,
      CLOUDFLARE_BASE_URL: cloudflare.api.url,
      DIGITALOCEAN_TOKEN: token,
      DIGITALOCEAN_API_URL: digitalocean.api.url,
      SSH_PUBLIC_KEY: ssh.publicKey,
      SSH_PRIVATE_KEY_FILE: ssh.keyFile,
      SSH_PORT: String(ssh.port),
      MCP_BEARER_TOKEN: bearer,
    };
    project.write({ "test-notes": { server: command(["node", "servers/test/main.js"]), port: 8090 } });
    deployed = await cdktf("deploy", "edge", "services");
    const [found] = await containers(/^nginx-proxy$/);
    proxy = found === undefined ? "" : await addressOf(found.Id);
  });

  afterAll(async () => {
    await cdktf("destroy", "edge", "services");
    await removeDeployment();
    await end();
    for (const name of await names("ps -a --format {{.Names}}", ours)) await docker(["rm", "-f", "-v", name]);
    for (const name of await names("volume ls --format {{.Name}}", /^gangway-(acme|certs|vhost|html|cloudflared-.*)$/))
      await docker(["volume", "rm", name]);
    project.remove();
  });

  test("are up after one command, including the first boot", async () => {
    expect(deployed.code, deployed.output).toBe(0);
    const running = await names("ps --format {{.Names}}", /./);
    for (const name of ["nginx-proxy", "acme-companion", "cloudflared"]) expect(running).toContain(name);
    expect(running.some((name) => name.startsWith("test-notes-mcp-gateway-"))).toBe(true);
  });

  test("the connector has the tunnel token in a file of its own, and no state contains it", async () => {
    const [connector] = await containers(/^cloudflared$/);
    expect(connector?.State.Running).toBe(true);
    const given = JSON.stringify(connector);
    expect(given).toContain("TUNNEL_TOKEN_FILE");
    expect(given).not.toMatch(/eyJ[\w-]{20}/);
    const [written] = await names("volume ls --format {{.Name}}", /^gangway-cloudflared-secrets-/);
    const read = ["run", "--rm", "-v", `${written}:/s:ro`, "--entrypoint", "sh", "node:24-slim", "-c"];
    const secret = (await docker([...read, "cat /s/CF_TUNNEL_TOKEN"])).trim();
    expect(await docker([...read, "stat -c '%a %u' /s/CF_TUNNEL_TOKEN"])).toBe("400 65532\n");
    expect(JSON.parse(Buffer.from(secret, "base64").toString())).toMatchObject({ a: accountId });
    const files = globSync(["{.gangway/state,cdktf.out}/**/*.{json,tfstate}"], { cwd: project.folder });
    expect(files.filter((file) => file.endsWith(".tfstate"))).toHaveLength(2);
    const secrets = [secret, apiToken, token, bearer];
    for (const file of files) expect(foundIn(readFileSync(project.path(file), "utf8"), secrets), file).toEqual([]);
  });

  test("the proxy publishes no port", async () => {
    expect((await docker(["ps", "--format", "{{.Ports}}", "--filter", "name=nginx-proxy"])).trim()).not.toMatch(/->/);
  });

  test("a client opens a session under the domain, calls a tool, and the log has the client's address", async () => {
    const opened = await ask("POST", "/mcp", initialize);
    expect(opened.status, opened.body).toBe(200);
    const session = String(opened.headers["mcp-session-id"]);
    const called = await ask("POST", "/mcp", toolCall, { "mcp-session-id": session });
    expect(JSON.parse(called.body)).toMatchObject({ result: { content: [{ text: "unset" }] } });
    const [gateway] = await names("ps --format {{.Names}}", /^test-notes-mcp-gateway-/);
    const log = await logOf(gateway!);
    expect(log).toContain('"address":"203.0.113.9"');
  });

  test("the first bytes of a stream arrive at once", async () => {
    const opened = await ask("POST", "/mcp", initialize);
    const began = performance.now();
    await firstBytes({ "mcp-session-id": String(opened.headers["mcp-session-id"]), accept: "text/event-stream" });
    expect(performance.now() - began).toBeLessThan(5_000); // a proxy that buffers would hold them back while the stream is quiet
  });

  test("a client that sends too many requests gets 429, while another client is served", async () => {
    const many = await Promise.all(
      Array.from({ length: 60 }, () => ask("GET", "/health", undefined, { "cf-connecting-ip": "203.0.113.77" })),
    );
    const statuses = new Set(many.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 429]));
    expect((await ask("GET", "/health", undefined, { "cf-connecting-ip": "203.0.113.78" })).status).toBe(200);
  });

  test("right after a deploy, nothing has drifted", async () => {
    const drift = await project.verb("drift", "edge", "services");
    expect(drift.code, drift.output).toBe(0);
  });

  test("the droplet keeps the history of both stacks, and is found by its address in the state", async () => {
    const again = await project.verb("deploy", "--yes", "edge", "services");
    expect(again.code, again.output).toBe(0);
    const { code, output } = await project.verb("history", "services");
    expect(code, output).toBe(0);
    expect(output).toMatch(/deploy +services +ok .*nothing\n.*deploy +edge +ok .*nothing\n/);
  });

  test("an unreachable droplet fails the deploy with the reason, and nothing is lost", async () => {
    ssh.stop();
    // An open shared connection would outlive the server.
    for (const socket of globSync(".gangway/ssh-*", { cwd: project.folder })) rmSync(project.path(socket));
    const failed = await cdktf("deploy", "services", "--ignore-missing-stack-dependencies");
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/ssh|Connection refused/i);
    expect((await ask("GET", "/health")).status).toBe(200);
    ssh.remove();
    ssh = await startSshServer(firstBoot);
    project.env = { ...project.env, SSH_PORT: String(ssh.port), SSH_PRIVATE_KEY_FILE: ssh.keyFile };
    const mended = await cdktf("deploy", "edge", "services");
    expect(mended.code, mended.output).toBe(0);
  });

  test("a deleted tunnel is reported with what to do, and doing that creates a new one", async () => {
    cloudflare.state.tunnels.clear();
    await docker(["rm", "-f", "cloudflared"]);
    for (const name of await names("volume ls --format {{.Name}}", /^gangway-cloudflared-secrets-/))
      await docker(["volume", "rm", name]);
    const failed = await cdktf("deploy", "services", "--ignore-missing-stack-dependencies");
    expect(failed.code).not.toBe(0);
    expect(failed.output.replaceAll(/\s+/g, " ")).toContain("deploy the stack edge again");
    const mended = await cdktf("deploy", "edge", "services");
    expect(mended.code, mended.output).toBe(0);
    expect(await names("ps --format {{.Names}}", /^cloudflared$/)).toEqual(["cloudflared"]);
  });

  /** Sends one request as the connector would. */
  function ask(method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<Asked> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: proxy, port: 80, method, path, headers: { ...headers, ...more } }, (response) => {
        const { statusCode: status = 0, headers: given } = response;
        text(response).then((content) => resolve({ status, headers: given, body: content }), reject);
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  function firstBytes(more: Record<string, string>): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: proxy, port: 80, path: "/mcp", headers: { ...headers, ...more } }, (response) => {
        response.once("data", () => {
          sent.destroy();
          resolve();
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  }
});

const headers = {
  host,
  authorization: `Bearer ${bearer}`,
  "content-type": "application/json",
  "cf-connecting-ip": "203.0.113.9",
};

/** For the test server, which answers with the digest of a variable, or "unset". */
const toolCall = {
  jsonrpc: "2.0",
  id: 2,
  method: "tools/call",
  params: { name: "fingerprint", arguments: { name: "NOT_SET" } },
};

const initialize = { jsonrpc: "2.0", id: 1, method: "initialize", params: {} };

async function addressOf(container: string): Promise<string> {
  const format = "{{.NetworkSettings.Networks.syncbricks.IPAddress}}";
  return (await docker(["inspect", "--format", format, container])).trim();
}

/** The log of a gateway, which writes it shortly after its answers. */
async function logOf(container: string): Promise<string> {
  await sleep(300);
  return (await run("docker", ["logs", container])).output;
}
