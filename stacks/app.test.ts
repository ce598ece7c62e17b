import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { App } from "cdktf";
import { describe, expect, onTestFinished, test } from "vitest";
import { addCloudStacks, addLocalStack } from "./app.ts";
import { defineServices } from "./catalog/define.ts";
import type { ServiceEntry } from "./catalog/entry.ts";
import { app as container } from "./catalog/kinds/app.ts";
import { command } from "./catalog/kinds/command.ts";
import { http } from "./catalog/kinds/http.ts";
import { production } from "./fixtures/production.ts";
import { readSettings } from "./settings.ts";

const entries = {
  coda: { server: http("https://coda.io/apis/mcp"), port: 8080, secrets: ["CODA_API_TOKEN"] },
  own: { server: command(["node", "stacks/fixtures/server/main.js"]), port: 8090 },
  n8n: container({ image: "n8nio/n8n:2.41.3", port: 5678 }),
} satisfies Record<string, ServiceEntry>;

type Json = Readonly<Record<string, never>>;

/** The whole app in a temporary folder: its stacks by name, and what it says to the reader. */
async function synthesize(
  env: Record<string, string>,
  catalog: Record<string, ServiceEntry> = entries,
  file = "/nowhere",
) {
  const services = Object.values(defineServices(catalog));
  const settings = readSettings(services, { env, file });
  const here = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "gangway-app-"));
  process.chdir(folder); // contexts of images are written beside the synthesized stacks
  try {
    const app = new App({ outdir: join(folder, "out"), skipValidation: true });
    const files = new Map([["main.js", "// a program\n"]]);
    const parts = { services, settings, gateway: files, authServer: files, pins: {}, deployment: "local-0f1e2d3c" };
    const said = [...(await addCloudStacks(app, parts)), ...addLocalStack(app, parts)];
    app.synth();
    const names = readdirSync(join(folder, "out/stacks")).toSorted();
    const texts = names.map(
      (name) => [name, readFileSync(join(folder, "out/stacks", name, "cdk.tf.json"), "utf8")] as const,
    );
    return { names, said, text: Object.fromEntries(texts) };
  } finally {
    process.chdir(here);
    rmSync(folder, { recursive: true });
  }
}

const backendOf = (text: string | undefined) =>
  (JSON.parse(text ?? "") as { terraform: { backend: Json } }).terraform.backend;

describe("without DOMAIN", () => {
  test("there is only local, and a line says what the others would need", async () => {
    const { names, said } = await synthesize({ MCP_BEARER_TOKEN: "the-bearer-token-4f7c19e8d2a6b053" });
    expect(names).toEqual(["local"]);
    expect(said[0]).toMatch(/^DOMAIN is not set.* would need DOMAIN, LETSENCRYPT_EMAIL, .*SSH_PUBLIC_KEY$/);
    expect(said[1]).toBe("local is without coda: it needs CODA_API_TOKEN");
  });
});

describe("with DOMAIN", () => {
  test("there are edge, services and local, and a line says what edge costs", async () => {
    const { names, said } = await synthesize(production);
    expect(names).toEqual(["edge", "local", "services"]);
    expect(said).toEqual(["edge costs $13.00 a month (DigitalOcean; Cloudflare's part is free)"]);
  });

  test("without npx gangway deploy, tokens that are only in .env are reported", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "gangway-env-")), ".env");
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    writeFileSync(file, "AWS_ACCESS_KEY_ID=k\n");
    const { said } = await synthesize(production, entries, file);
    expect(said[0]).toMatch(/^AWS_ACCESS_KEY_ID are set only in .env/);
  });

  test("a service without its secret is left out, and listed", async () => {
    const { CODA_API_TOKEN: _, ...others } = production;
    const { text, said } = await synthesize(others);
    expect(said).toContain("services is without coda: it needs CODA_API_TOKEN");
    expect(text["services"] ?? "").not.toContain("VIRTUAL_HOST=coda");
    expect(text["edge"]).not.toContain("coda.example.org");
  });

  test("SERVICES picks what is deployed, here and there", async () => {
    const { text, said } = await synthesize({ ...production, SERVICES: "n8n" });
    for (const stack of ["local", "services"]) expect(text[stack]).not.toContain("coda");
    expect(text["edge"]).toContain("n8n.example.org");
    expect(said.join("\n")).not.toContain("coda");
  });

  test("a name in SERVICES that is not in the catalog stops, with the nearest one", async () => {
    await expect(synthesize({ ...production, SERVICES: "n8n,code" })).rejects.toThrow(
      'SERVICES (from the environment): no service is called "code". Did you mean "coda"? There are: ',
    );
  });

  test("services reaches the droplet by what edge says of it, and has proxy, certificates and connector", async () => {
    const { text } = await synthesize(production);
    expect(text["services"]).toContain("ssh://root@${data.terraform_remote_state");
    for (const name of ["nginx-proxy", "acme-companion", "cloudflared", "n8n"])
      expect(text["services"]).toContain(`"name": "${name}"`);
    expect(text["services"]).toContain("VIRTUAL_HOST=coda.example.org");
    expect(text["edge"]).toContain("coda.example.org");
  });

  test("services takes of edge nothing but what edge gives out", async () => {
    for (const mode of [{}, { EXPOSURE: "direct" }]) {
      const { text } = await synthesize({ ...production, ...mode });
      const { output, resource } = JSON.parse(text["edge"] ?? "") as Record<"output" | "resource", object>;
      const taken = text["services"]?.match(/cross-stack-output-[\w-]+/g) ?? [];
      expect(Object.keys(output)).toEqual(expect.arrayContaining(taken));
      expect(taken).not.toEqual([]);
      const ofEdge = Object.entries(resource).flatMap(([type, all]) => Object.keys(all).map((id) => `${type}.${id}`));
      expect(ofEdge.filter((address) => text["services"]?.includes(address))).toEqual([]);
    }
  });

  test("an app that is not public has no record, no rule in the tunnel and no name in the proxy", async () => {
    const hidden = container({ image: "postgres:18.4", port: 5432, public: false, network: "own" });
    const [{ text }, without] = [
      await synthesize(production, { ...entries, postgres: hidden }),
      await synthesize(production),
    ];
    expect(text["edge"]).toBe(without.text["edge"]);
    expect(text["services"]).toContain('"name": "postgres"');
    expect(text["services"]).not.toMatch(/(VIRTUAL_|LETSENCRYPT_)HOST=postgres/);
  });

  test("an optional service is left out without its secret, with the one that needs it, which is listed", async () => {
    const postgres = container({
      image: "postgres:18.4",
      port: 5432,
      public: false,
      network: "own",
      optional: true,
      secrets: ["PASSWORD"],
    });
    const { text, said } = await synthesize(production, { ...entries, postgres });
    expect(text["services"]).not.toContain("postgres");
    expect(said).toEqual(["edge costs $13.00 a month (DigitalOcean; Cloudflare's part is free)"]);
    const reaching = { ...entries, postgres, own: { ...entries.own, reaches: ["postgres"] } };
    expect((await synthesize(production, reaching)).said).toContain("services is without own: it needs postgres");
    const named = { ...production, SERVICES: "postgres" };
    expect((await synthesize(named, reaching)).said).toContain("services is without postgres: it needs PASSWORD");
  });

  test("a LOG_LEVEL that no container could read is refused before anything is deployed", async () => {
    await expect(synthesize({ ...production, LOG_LEVEL: "loud" })).rejects.toThrow(
      /^LOG_LEVEL \(from the environment\) is "loud", expected one of trace, debug, info/,
    );
  });

  test.each([
    ["through the tunnel by the connector, on a private network", "tunnel"],
    ["in direct mode by Cloudflare, from the networks that it names", "direct"],
  ])("the client's address is taken from %s alone", async (_, EXPOSURE) => {
    const { text } = await synthesize({ ...production, EXPOSURE });
    const isDirect = EXPOSURE === "direct";
    expect(text["services"]?.includes("set_real_ip_from 172.16.0.0/12;")).toBe(!isDirect);
    expect(/join\(.{0,40}set_real_ip_from .{0,20}data\.terraform_remote_state/.test(text["services"] ?? "")).toBe(
      isDirect,
    );
    expect(text["edge"]?.includes('"cloudflare_ip_ranges"')).toBe(isDirect);
  });

  test("no server on the connector's network can ask the connector for its rules", async () => {
    const { text } = await synthesize(production);
    expect(text["services"]).toMatch(/"--metrics",\s+"127\.0\.0\.1:20241"/);
  });

  test("a machine that exists is reached as SERVER says, by its known key, and costs nothing here", async () => {
    const { DIGITALOCEAN_TOKEN: _, SSH_PUBLIC_KEY: __, ...others } = production;
    const { text, said } = await synthesize({ ...others, SERVER: "ubuntu@box:2222" });
    expect(said).toEqual(["edge makes no droplet: it uses ubuntu@box:2222 (Cloudflare's part is free)"]);
    expect(text["services"]).toMatch(/"host": "ssh:\/\/ubuntu@\$\{data\.terraform_remote_state[^"]*\}:2222"/);
    expect(text["services"]).toContain("StrictHostKeyChecking=yes");
    expect(text["edge"]).not.toContain("digitalocean");
    const byConfig = await synthesize({ ...others, SERVER: "box" });
    expect(byConfig.text["services"]).toMatch(/"host": "ssh:\/\/\$\{data\.terraform_remote_state[^"]*\}"/);
  });

  test("no secret is in any of them", async () => {
    const { text } = await synthesize(production);
    const secrets = [
      production.CLOUDFLARE_API_TOKEN,
      production.DIGITALOCEAN_TOKEN,
      "the-bearer-token",
      "the-secret-of-coda",
    ];
    for (const secret of secrets) expect(Object.values(text).join()).not.toContain(secret);
  });

  test("every wrong value is reported before Terraform runs", async () => {
    const wrong = { ...production, DROPLET_REGION: "fra2", CLOUDFLARE_API_TOKEN: production.DIGITALOCEAN_TOKEN };
    const problem: Error = await synthesize(wrong).then(
      () => expect.fail("it is accepted"),
      (error: Error) => error,
    );
    expect(problem.message).toMatch(/DROPLET_REGION \(from the environment\) is "fra2".*"fra1"/);
    expect(problem.message).toContain("CLOUDFLARE_API_TOKEN (from the environment) is a DigitalOcean token");
    expect(problem.message).not.toContain(production.DIGITALOCEAN_TOKEN);
  });

  test("sshd and nginx-proxy cannot have one port", async () => {
    await expect(synthesize({ ...production, SSH_PORT: "443", EXPOSURE: "direct" })).rejects.toThrow(
      "SSH_PORT (from the environment) is 443",
    );
    await expect(synthesize({ ...production, SSH_PORT: "443" })).resolves.toBeDefined();
  });
});

describe("with logins", () => {
  const both = { ...entries, own: { ...entries.own, auth: ["oauth", "bearer"] as const } };

  test("the names of the authorization server and of tokens have a record, a rule in the tunnel and a certificate", async () => {
    const { text } = await synthesize(production, both);
    for (const host of ["own.example.org", "own-key.example.org", "auth.example.org"]) {
      const record = new RegExp(`"name": "${host}"`);
      expect(text["edge"]).toMatch(record);
      expect(text["edge"]).toContain(`"hostname": "${host}"`);
    }
    expect(text["edge"]).not.toContain("coda-key.example.org");
    expect(text["services"]).toContain("LETSENCRYPT_HOST=own.example.org,own-key.example.org");
    expect(text["services"]).toContain("LETSENCRYPT_HOST=auth.example.org");
  });

  test("the URLs are those that we print, with TLS and without a port", async () => {
    const { text } = await synthesize(production, both);
    for (const value of ["PUBLIC_URL=https://own.example.org/mcp", "AUTH_ISSUER=https://auth.example.org"])
      expect(text["services"]).toContain(value);
    expect(text["services"]).toContain("ISSUER=https://auth.example.org");
    expect(text["services"]).not.toMatch(/auth-port|own-key-port/);
  });

  test("the proxy does not count requests to the authorization server, which come from a few addresses", async () => {
    const [{ text }, without] = [await synthesize(production, both), await synthesize(production)];
    expect(text["services"]).toContain('auth.example.org \\"\\";');
    expect(without.text["services"]).not.toContain("gangway_counted");
  });

  test("with an issuer of one's own there is no name for ours", async () => {
    const { text } = await synthesize({ ...production, AUTH_ISSUER: "https://login.example.net" }, both);
    for (const stack of ["edge", "services"]) expect(text[stack]).not.toContain("auth.example.org");
    expect(text["edge"]).toContain("own-key.example.org");
  });

  test("a setting that no container could start with is refused before anything is deployed", async () => {
    await expect(synthesize({ ...production, AUTH: "oath" })).rejects.toThrow('AUTH (from the environment) is "oath"');
  });
});

test("a web page that no browser would name so is refused, with and without DOMAIN", async () => {
  for (const env of [production, {}])
    await expect(synthesize({ ...env, ALLOWED_ORIGINS: "app.example.org" })).rejects.toThrow(
      "ALLOWED_ORIGINS (from the environment) has",
    );
});

test("a secret in the catalog is refused", async () => {
  const leaky = { own: { ...entries.own, env: { TOKEN: "the-secret-of-coda" }, optionalSecrets: ["CODA_API_TOKEN"] } };
  await expect(synthesize(production, leaky)).rejects.toThrow("own: env TOKEN has the value of CODA_API_TOKEN");
});

describe("the state", () => {
  test("lies in the project by a relative path, the same on every machine", async () => {
    const { text } = await synthesize(production);
    expect(backendOf(text["edge"])).toEqual({ local: { path: "../../../.gangway/state/edge.tfstate" } });
  });

  test("lies in a bucket with a lock when one is set, without its key", async () => {
    const { text } = await synthesize({
      ...production,
      STATE_BUCKET: "b",
      STATE_ENDPOINT: "https://s3.example.org",
      AWS_SECRET_ACCESS_KEY: "k3y",
    });
    expect(backendOf(text["services"])).toMatchObject({
      s3: {
        bucket: "b",
        key: "gangway/services.tfstate",
        endpoints: { s3: "https://s3.example.org" },
        use_path_style: true,
        use_lockfile: true,
      },
    });
    expect(backendOf(text["local"])).toEqual({ local: { path: "../../../.gangway/state/local.tfstate" } });
    expect(Object.values(text).join()).not.toContain("k3y");
  });

  test("is not kept on a machine of CI, which would forget it", async () => {
    await expect(synthesize({ ...production, CI: "true" })).rejects.toThrow("CI keeps no files");
    await expect(synthesize({ ...production, STATE_BUCKET: "b" })).rejects.toThrow("STATE_ENDPOINT is not");
    const lost = { ...production, STATE_ENDPOINT: "https://s3.example.org" };
    await expect(synthesize(lost)).rejects.toThrow("STATE_BUCKET is not, expected both");
    await expect(synthesize({ ...production, CI: "false" })).resolves.toBeDefined();
  });

  test.each(["s3.example.org", "s3.example.org:9000", "https://s3.example.org/b", "https://me:key@s3.example.org"])(
    "is not looked for at %s, which is not the address of a server",
    async (endpoint) => {
      const synthesized = synthesize({ ...production, STATE_BUCKET: "b", STATE_ENDPOINT: endpoint });
      await expect(synthesized).rejects.toThrow(
        "STATE_ENDPOINT (from the environment) is not the address of an S3 API",
      );
    },
  );
});
