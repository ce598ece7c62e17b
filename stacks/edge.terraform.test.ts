/** Applies the stack edge with Terraform and the real providers, against fakes of both clouds and a real sshd as the droplet. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, afterAll, beforeAll, describe, expect, test } from "vitest";
import { EdgeStack, type EdgeStackProps } from "./edge-stack.ts";
import { startFakeCloudflare } from "./fixtures/fake-cloudflare.ts";
import { keyFrom } from "./fixtures/digitalocean/keys.ts";
import { startFakeDigitalocean } from "./fixtures/fake-digitalocean.ts";
import { missingSshServer, startSshServer } from "./fixtures/ssh-server.ts";
import { type Run, Workspace, flat, missingParts } from "./fixtures/terraform.ts";
import { fetchTunnelToken } from "./provision/tunnel-token.ts";

const PROVIDERS = ["cloudflare/cloudflare/5.14.0", "digitalocean/digitalocean/2.71.0"];
const missing = missingParts(PROVIDERS, ["ssh"]) ?? missingSshServer();
if (missing !== undefined) console.log(`stack edge on Terraform is skipped: ${missing}`);

const accountId = "0123456789abcdef0123456789abcdef";
const zone = { id: "fedcba9876543210fedcba9876543210", name: "example.org" };
const cloudflareToken = randomBytes(30).toString("base64url");
const digitaloceanToken = `dop_v1_${randomBytes(32).toString("hex")}`;

/** A first boot that takes a second, and a Docker that answers when it is asked again. */
const booting = {
  cat: `sleep 1; echo '{"v1": {"errors": []}}'`, // the result that cloud-init writes when it has finished
  docker: 'dir=$(dirname "$0"); [ -e "$dir/asked" ] && echo 20.10.24 && exit 0; touch "$dir/asked"; exit 1',
};

/** Starts both clouds and a machine that plays the droplet, and makes a folder to deploy from. */
async function start(commands: Readonly<Record<string, string>> = booting) {
  const ssh = await startSshServer(commands);
  const cloudflare = await startFakeCloudflare({ apiToken: cloudflareToken, accountId, zone, mayWriteRules: true });
  const digitalocean = await startFakeDigitalocean({ token: digitaloceanToken, address: "127.0.0.1" });
  const workspace = new Workspace("edge", {
    CLOUDFLARE_API_TOKEN: cloudflareToken,
    CLOUDFLARE_BASE_URL: cloudflare.api.url,
    DIGITALOCEAN_TOKEN: digitaloceanToken,
    DIGITALOCEAN_API_URL: digitalocean.api.url,
    SSH_PRIVATE_KEY_FILE: ssh.keyFile,
  });
  const props = { domain: zone.name, accountId, hostnames: ["coda", "memory"], region: "fra1", size: "s-1vcpu-2gb" };
  const synth = (changed: Partial<EdgeStackProps> = {}) =>
    workspace.synth((app) => {
      const all = { ...props, sshPublicKey: ssh.publicKey, sshPort: ssh.port, ...changed };
      return new EdgeStack(app, "edge", all);
    });
  synth();
  const terraform = (...args: string[]) => workspace.terraform(args);
  const close = async () => {
    ssh.remove();
    workspace.remove();
    await Promise.all([cloudflare.api.close(), digitalocean.api.close()]);
  };
  return { cloudflare, digitalocean, ssh, workspace, synth, terraform, close };
}

type Surroundings = Awaited<ReturnType<typeof start>>;

const expectSuccess = ({ code, output }: Run) => expect(code, output).toBe(0);

/** The same for a single test. */
async function started(test: TestContext, commands?: Readonly<Record<string, string>>): Promise<Surroundings> {
  const at = await start(commands);
  test.onTestFinished(() => at.close()); // the global onTestFinished would pick another of the concurrent tests
  await at.terraform("init");
  return at;
}

describe.skipIf(missing !== undefined)("the stack edge", () => {
  let at: Surroundings;

  beforeAll(async () => {
    at = await start();
  });

  afterAll(() => at?.close());

  test("is valid", async () => {
    expectSuccess(await at.terraform("init"));
    expectSuccess(await at.terraform("validate"));
  });

  test("is applied, which ends when the droplet's Docker answers", async () => {
    const run = await at.terraform("apply", "-auto-approve");
    expect(run.output).toContain("Apply complete! Resources: 9 added");
    expect(run.output).toContain("Docker 20.10.24 answers");
    expect(run.output).toMatch(/^host = "127\.0\.0\.1"$/m);
  });

  test("has created its resources, and called only what the fakes know", () => {
    const [tunnel] = at.cloudflare.state.tunnels.values();
    expect(tunnel).toMatchObject({ name: "gangway-example-org", config_src: "cloudflare" });
    expect([...at.cloudflare.state.records.values()]).toMatchObject([
      { type: "CNAME", content: `${tunnel?.id}.cfargotunnel.com`, proxied: true },
      { type: "CNAME", content: `${tunnel?.id}.cfargotunnel.com`, proxied: true },
    ]);
    const [droplet] = at.digitalocean.state.droplets.values();
    expect(droplet?.["volume_ids"]).toEqual([...at.digitalocean.state.volumes.keys()]);
    expect([...at.cloudflare.api.unknownRequests, ...at.digitalocean.api.unknownRequests]).toEqual([]);
  });

  test("has neither API tokens nor the tunnel token in its state", async () => {
    const [tunnelId = ""] = at.cloudflare.state.tunnels.keys();
    const baseUrl = at.cloudflare.api.url;
    const token = await fetchTunnelToken({ apiToken: cloudflareToken, accountId, tunnelId, baseUrl });
    const state = readFileSync(at.workspace.state, "utf8");
    for (const secret of [token, cloudflareToken, digitaloceanToken]) expect(state).not.toContain(secret);
    expect(at.cloudflare.api.sent("GET /accounts/:account/cfd_tunnel/:id/token")).toHaveLength(1);
  });

  test("has an empty second plan", async () => {
    const run = await at.terraform("plan", "-detailed-exitcode");
    expect(run).toMatchObject({ code: 0, output: expect.stringContaining("No changes.") });
  });

  test("adds a service with only its record and its rule", async () => {
    at.synth({ hostnames: ["coda", "memory", "n8n"] });
    const run = await at.terraform("apply", "-auto-approve");
    expect(run.output).toContain("Resources: 1 added, 1 changed, 0 destroyed");
    const [rules] = at.cloudflare.state.rules.values();
    const hosts = ((rules?.config["ingress"] ?? []) as { hostname?: string }[]).map(({ hostname }) => hostname);
    expect(hosts.slice(0, 3)).toEqual(["coda.example.org", "memory.example.org", "n8n.example.org"]);
    expect(at.cloudflare.state.records.size).toBe(3);
    expectSuccess(await at.terraform("plan", "-detailed-exitcode"));
  });

  test("removes a service the same way", async () => {
    at.synth({ hostnames: ["coda", "n8n"] });
    const run = await at.terraform("apply", "-auto-approve");
    expect(run.output).toContain("Resources: 0 added, 1 changed, 1 destroyed");
  });

  test("keeps its droplet when the key, the image and the first boot change", async () => {
    const other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJlYWxseW5vYm9keXNrZXlhdGFsbDEyMzQ1Njc4 other";
    at.synth({ hostnames: ["coda", "n8n"], image: "ubuntu-24-04-x64", sshPublicKey: other });
    const run = await at.terraform("plan");
    expect(run.output).not.toContain("digitalocean_droplet.droplet must be");
    expect(run.output).toContain("Plan: 1 to add, 0 to change, 1 to destroy."); // the key, in the account
  });

  test("changes the size in place", async () => {
    at.synth({ hostnames: ["coda", "n8n"], size: "s-2vcpu-4gb" });
    const run = await at.terraform("plan");
    expect(run.output).toContain("digitalocean_droplet.droplet will be updated in-place");
    expect(run.output).toContain("Plan: 0 to add, 1 to change, 0 to destroy.");
  });

  test("refuses to move to another region, and says what to do", async () => {
    at.synth({ hostnames: ["coda", "n8n"], region: "ams3" });
    const run = await at.terraform("apply", "-auto-approve");
    expect(run.code).toBe(1);
    expect(flat(run)).toContain("The droplet is in fra1 and cannot move to ams3");
    expect(at.digitalocean.state.droplets.size).toBe(1);
  });

  test("replaces the droplet on request, and keeps the volume", async () => {
    at.synth({ hostnames: ["coda", "n8n"] });
    const [before] = at.digitalocean.state.droplets.keys();
    const volumes = [...at.digitalocean.state.volumes.keys()];
    const run = await at.terraform("apply", "-auto-approve", "-replace=digitalocean_droplet.droplet");
    expectSuccess(run);
    expect(run.output).toContain("Docker 20.10.24 answers");
    const [[after, droplet] = []] = at.digitalocean.state.droplets;
    expect(after).not.toBe(before);
    expect(droplet?.["volume_ids"]).toEqual(volumes);
    const [firewall] = at.digitalocean.state.firewalls.values();
    expect(firewall?.["droplet_ids"]).toEqual([Number(after)]);
    expectSuccess(await at.terraform("plan", "-detailed-exitcode"));
  });

  test("is destroyed completely", async () => {
    const run = await at.terraform("destroy", "-auto-approve");
    expect(run.output).toContain("Destroy complete!");
    const left = [at.cloudflare.state, at.digitalocean.state].flatMap((state) => Object.values(state));
    expect(left.map((things) => things.size)).toEqual(left.map(() => 0));
    const unknownRequests = [...at.cloudflare.api.unknownRequests, ...at.digitalocean.api.unknownRequests];
    expect(unknownRequests).toEqual([]);
  });
});

// These tests mostly wait, and each has its own clouds, so they run concurrently.
describe.skipIf(missing !== undefined).concurrent("when the clouds refuse something", () => {
  test("a wrong Cloudflare token is reported", async (context) => {
    const at = await started(context);
    const env = { CLOUDFLARE_API_TOKEN: randomBytes(30).toString("base64url") };
    const run = await at.workspace.terraform(["plan"], env);
    expect(run.code).toBe(1);
    expect(flat(run)).toContain("Invalid access token");
    expect(run.output).not.toContain(env.CLOUDFLARE_API_TOKEN);
  });

  test("a domain without a zone that the token can read is reported, with what to do", async (context) => {
    const at = await started(context);
    at.synth({ domain: "example.com" });
    const run = await at.terraform("plan");
    expect(run.code).toBe(1);
    expect(flat(run)).toContain("Cloudflare has no zone example.com that CLOUDFLARE_API_TOKEN can read");
  });

  test("a wrong DigitalOcean token and an unknown region are reported; the next apply completes the stack", async (context) => {
    const at = await started(context);
    const refused = await at.workspace.terraform(["apply", "-auto-approve"], { DIGITALOCEAN_TOKEN: "dop_v1_wrong" });
    expect(refused.code).toBe(1);
    expect(flat(refused)).toContain("Unable to authenticate you");
    at.synth({ region: "mars1" });
    const lost = await at.terraform("apply", "-auto-approve");
    expect(lost.code).toBe(1);
    expect(flat(lost)).toContain("region is invalid");
    at.synth();
    expectSuccess(await at.terraform("apply", "-auto-approve"));
  });

  test("an existing record and key are taken over only with adopt", async (context) => {
    const at = await started(context);
    occupy(at);
    const refused = await at.terraform("apply", "-auto-approve");
    expect(refused.code).toBe(1);
    expect(flat(refused)).toContain("An A, AAAA, or CNAME record with that host already exists.");
    expect(flat(refused)).toContain("SSH Key is already in use on your account");
    expect(at.cloudflare.state.records.get(OLD)).toMatchObject({ content: "192.0.2.1" });
    at.synth({ adopt: true });
    expect((await at.terraform("apply", "-auto-approve")).output).toContain("2 imported");
    const coda = [...at.cloudflare.state.records.values()].filter(({ name }) => name === "coda.example.org");
    expect(coda).toMatchObject([{ type: "TXT" }, { type: "CNAME" }]);
    expect(at.digitalocean.state.keys.size).toBe(1);
    expectSuccess(await at.terraform("plan", "-detailed-exitcode"));
  });

  test("an existing tunnel keeps its rules, except with adopt", async (context) => {
    const at = await started(context);
    const existingTunnel = { accountId, id: await makeTunnel(at) };
    at.synth({ existingTunnel });
    expect((await at.terraform("apply", "-auto-approve")).output).toContain("rulesToAdd =");
    expect(at.cloudflare.state.rules.get(existingTunnel.id)?.config).toEqual({
      ingress: [{ service: "http_status:503" }],
    });
    at.synth({ existingTunnel, adopt: true });
    await at.terraform("apply", "-auto-approve");
    expect(at.cloudflare.state.rules.get(existingTunnel.id)?.config["ingress"]).toHaveLength(3);
    expectSuccess(await at.terraform("plan", "-detailed-exitcode"));
  });

  test("a failed first boot fails the apply with cloud-init's errors, and the next apply checks again", async (context) => {
    const cat = `echo '{"v1": {"errors": ["runcmd failed"]}}'`;
    const at = await started(context, { cat, tail: "echo no such package", docker: "exit 127" });
    const run = await at.terraform("apply", "-auto-approve");
    expect(run.code).toBe(1);
    expect(flat(run)).toContain("the droplet's first boot failed");
    expect(flat(run)).toContain("runcmd failed");
    expect(flat(run)).toContain("no such package");
    expect((await at.terraform("plan")).output).toContain("terraform_data.ready is tainted");
  });

  test("direct mode has a reserved address, records to it, rules at the edge, and HTTP and HTTPS open", async (context) => {
    const at = await started(context);
    at.synth({ mode: "direct", sslMode: "full", edgeRateLimit: 100 });
    const run = await at.terraform("apply", "-auto-approve");
    expect(run.output).toMatch(/^host = "127\.0\.0\.2"$/m);
    const record = { type: "A", content: "127.0.0.2", proxied: true };
    expect([...at.cloudflare.state.records.values()]).toMatchObject([record, record]);
    expect(at.cloudflare.state.rulesets.size).toBe(2);
    const [firewall] = at.digitalocean.state.firewalls.values();
    const ports = ((firewall?.["inbound_rules"] ?? []) as { ports: string }[]).map((rule) => rule.ports);
    expect(new Set(ports)).toEqual(new Set(["80", "443", String(at.ssh.port)]));
    expectSuccess(await at.terraform("plan", "-detailed-exitcode"));
    expect(readFileSync(join(at.workspace.folder, ".gangway/known_hosts"), "utf8").match(/ssh-ed25519/g)).toHaveLength(
      1,
    );
    expectSuccess(await at.terraform("destroy", "-auto-approve"));
    expect([...at.cloudflare.api.unknownRequests, ...at.digitalocean.api.unknownRequests]).toEqual([]);
  });
});

const OLD = "0".repeat(32);

/** Creates, as if by hand, a record of our name and our SSH key. */
function occupy({ cloudflare, digitalocean, ssh }: Surroundings): void {
  const record = { name: "coda.example.org", ttl: 1, proxied: false, settings: {}, meta: {}, tags: [], comment: null };
  cloudflare.state.records.set("note", { ...record, id: "note", type: "TXT", content: "a note" });
  cloudflare.state.records.set(OLD, { ...record, id: OLD, type: "A", content: "192.0.2.1" });
  const key = keyFrom({ name: "mine", public_key: ssh.publicKey });
  digitalocean.state.keys.set(String(key.id), key);
}

/** Creates a tunnel with a rule of its own, as in the dashboard. */
async function makeTunnel({ cloudflare: { api } }: Surroundings): Promise<string> {
  const send = async (method: string, path: string, body: unknown) => {
    const headers = { Authorization: `Bearer ${cloudflareToken}` };
    const answer = await fetch(`${api.url}/accounts/${accountId}/cfd_tunnel${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { result: { id: string } };
  };
  const { result } = await send("POST", "", { name: "mine", config_src: "cloudflare" });
  await send("PUT", `/${result.id}/configurations`, { config: { ingress: [{ service: "http_status:503" }] } });
  return result.id;
}
