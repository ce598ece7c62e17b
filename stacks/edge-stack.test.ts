import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { EdgeStack, type EdgeStackProps } from "./edge-stack.ts";

const props: EdgeStackProps = {
  domain: "example.org",
  hostnames: ["coda", "n8n"],
  accountId: "0123456789abcdef0123456789abcdef",
  region: "fra1",
  size: "s-1vcpu-2gb",
  sshPublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJlYWxseW5vYm9keXNrZXlhdGFsbDEyMzQ1Njc4 me\n",
};

// eslint-disable-next-line typescript/no-explicit-any -- Terraform's JSON
type Block = Record<string, any>;
interface Synthesized {
  readonly resource: Record<string, Record<string, Block>>;
  readonly data?: Record<string, Record<string, Block>>;
  readonly output: Record<string, Block>;
  readonly import?: readonly Block[];
  readonly provider: Block;
  readonly terraform: Block;
}

function synth(changed: Partial<EdgeStackProps> = {}): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), "gangway-edge-"));
  const app = new App({ outdir, skipValidation: true }); // cdktf would ask Terraform for its version
  new EdgeStack(app, "edge", { ...props, ...changed });
  app.synth();
  const text = readFileSync(join(outdir, "stacks/edge/cdk.tf.json"), "utf8");
  rmSync(outdir, { recursive: true });
  return JSON.parse(text) as Synthesized;
}

const all = ({ resource }: Synthesized, type: string) => Object.values(resource[type] ?? {});
const types = ({ resource }: Synthesized) => Object.keys(resource).toSorted();

describe("with a tunnel", () => {
  const stack = synth();

  test("the stack has exactly these resources", () => {
    expect(types(stack)).toEqual([
      "cloudflare_dns_record",
      "cloudflare_zero_trust_tunnel_cloudflared",
      "cloudflare_zero_trust_tunnel_cloudflared_config",
      "digitalocean_droplet",
      "digitalocean_firewall",
      "digitalocean_ssh_key",
      "digitalocean_volume",
      "terraform_data",
    ]);
  });

  test("every host has a rule to the proxy, and the last rule answers 404", () => {
    expect(all(stack, "cloudflare_zero_trust_tunnel_cloudflared_config")[0]?.["config"]).toEqual({
      ingress: [
        { hostname: "coda.example.org", service: "http://nginx-proxy:80" },
        { hostname: "n8n.example.org", service: "http://nginx-proxy:80" },
        { service: "http_status:404" },
      ],
    });
  });

  test("every host is a proxied CNAME to the tunnel, with its full name", () => {
    const [tunnel] = Object.keys(stack.resource["cloudflare_zero_trust_tunnel_cloudflared"] ?? {});
    const content = `\${cloudflare_zero_trust_tunnel_cloudflared.${tunnel}.id}.cfargotunnel.com`;
    const records = all(stack, "cloudflare_dns_record").map(({ name, ...record }) => [name, record]);
    const record = {
      type: "CNAME",
      content,
      proxied: true,
      ttl: 1,
      zone_id: expect.anything(),
      "//": expect.anything(),
    };
    expect(records).toEqual([
      ["coda.example.org", record],
      ["n8n.example.org", record],
    ]);
  });

  test("Cloudflare makes up the tunnel's secret, and the stack does not read its token", () => {
    const { "//": _, ...tunnel } = all(stack, "cloudflare_zero_trust_tunnel_cloudflared")[0] ?? {};
    expect(tunnel).toEqual({ account_id: props.accountId, config_src: "cloudflare", name: "gangway-example-org" });
    expect(Object.keys(stack.data ?? {})).toEqual(["cloudflare_zones"]);
  });

  test.each([undefined, []])("only SSH is open, and to everyone when sshFrom is %o", (sshFrom) => {
    expect(all(synth({ sshFrom }), "digitalocean_firewall")[0]?.["inbound_rule"]).toEqual([
      { protocol: "tcp", port_range: "22", source_addresses: ["0.0.0.0/0", "::/0"] },
    ]);
  });

  test("providers get no tokens: they read the environment", () => {
    expect(stack.provider).toEqual({ cloudflare: [{}], digitalocean: [{}] });
  });

  test("the address is an output once the first boot is over", () => {
    const [ready] = Object.entries(stack.resource["terraform_data"] ?? {});
    expect(stack.output["host"]).toEqual({ value: `\${terraform_data.${ready?.[0]}.output.host}` });
    expect(ready?.[1]["input"]).toEqual({ host: "${digitalocean_droplet.droplet.ipv4_address}" });
    expect(ready?.[1]["provisioner"]).toEqual([
      {
        "local-exec": {
          command:
            "node ../../../stacks/provision/wait-for-host.ts --host ${digitalocean_droplet.droplet.ipv4_address} --port 22",
          environment: {},
        },
      },
    ]);
    expect(Object.keys(stack.output).toSorted()).toEqual(["host", "tunnelId"]);
  });
});

describe("the droplet", () => {
  const droplet = synth().resource["digitalocean_droplet"]?.["droplet"] ?? {};

  test("is not replaced when the key, the image or the first boot changes; another region is refused", () => {
    expect(droplet["lifecycle"].ignore_changes).toEqual(["user_data", "ssh_keys", "image", "region"]);
    expect(droplet["lifecycle"].postcondition).toEqual([
      { condition: '${self.region == "fra1"}', error_message: expect.stringContaining("cannot move to fra1") },
    ]);
  });

  test("is destroyed before the tunnel that its connector is connected to", () => {
    expect(droplet["depends_on"]).toEqual([expect.stringMatching(/^cloudflare_zero_trust_tunnel_cloudflared\./)]);
  });

  test("mounts its volume at the first boot", () => {
    const [volume] = all(synth({ domain: "tools.example.org" }), "digitalocean_volume");
    expect(volume).toMatchObject({ name: "gangway-tools-example-org", size: 10, initial_filesystem_type: "ext4" });
    const made = synth({ domain: "tools.example.org" }).resource["digitalocean_droplet"]?.["droplet"];
    expect(made?.["user_data"]).toContain(
      "/dev/disk/by-id/scsi-0DO_Volume_gangway-tools-example-org /srv/gangway ext4",
    );
    expect(made?.["volume_ids"]).toEqual([expect.stringContaining("digitalocean_volume.")]);
  });

  test("listens for SSH on the given port, for the given networks", () => {
    const stack = synth({ sshPort: 2222, sshFrom: ["198.51.100.7/32"] });
    expect(stack.resource["digitalocean_droplet"]?.["droplet"]?.["user_data"]).toContain("Port 2222");
    expect(all(stack, "digitalocean_firewall")[0]?.["inbound_rule"]).toEqual([
      { protocol: "tcp", port_range: "2222", source_addresses: ["198.51.100.7/32"] },
    ]);
  });
});

describe("in direct mode", () => {
  const stack = synth({ mode: "direct" });

  test("there is no tunnel, HTTP and HTTPS are open to Cloudflare's networks as it lists them, and the address is reserved", () => {
    expect(types(stack)).not.toContain("cloudflare_zero_trust_tunnel_cloudflared");
    const networks =
      "${concat(data.cloudflare_ip_ranges.cloudflare-networks.ipv4_cidrs, data.cloudflare_ip_ranges.cloudflare-networks.ipv6_cidrs)}";
    expect(all(stack, "digitalocean_firewall")[0]?.["inbound_rule"]).toEqual([
      { protocol: "tcp", port_range: "22", source_addresses: ["0.0.0.0/0", "::/0"] },
      { protocol: "tcp", port_range: "80", source_addresses: networks },
      { protocol: "tcp", port_range: "443", source_addresses: networks },
    ]);
    expect(types(stack)).toEqual(
      expect.arrayContaining(["digitalocean_reserved_ip", "digitalocean_reserved_ip_assignment"]),
    );
  });

  test("hosts are proxied A records to that address, which is also an output", () => {
    const [address] = Object.keys(stack.resource["digitalocean_reserved_ip"] ?? {});
    const ipv4 = `\${digitalocean_reserved_ip.${address}.ip_address}`;
    expect(all(stack, "cloudflare_dns_record")[0]).toMatchObject({ type: "A", content: ipv4, proxied: true });
    expect(all(stack, "terraform_data")[0]?.["input"]).toEqual({ host: ipv4 });
  });

  test.each(["flexible", "off"] as const)(
    "the SSL mode %s, which would send tokens unencrypted, is refused",
    (sslMode) => {
      expect(() => synth({ mode: "direct", sslMode })).toThrow(`the SSL mode is "${sslMode}" in direct mode`);
    },
  );
});

describe("an existing tunnel", () => {
  const existingTunnel = { accountId: "f".repeat(32), id: "6ff42ae2-765d-4adf-8112-31c55c1551ef" };

  test("keeps its rules, and the output lists ours", () => {
    const stack = synth({ existingTunnel });
    expect(types(stack).filter((type) => type.includes("tunnel"))).toEqual([]);
    expect(stack.output["rulesToAdd"]?.["value"]).toHaveLength(3);
    expect(stack.output["tunnelId"]?.["value"]).toBe(existingTunnel.id);
    expect(all(stack, "cloudflare_dns_record")[0]?.["content"]).toBe(`${existingTunnel.id}.cfargotunnel.com`);
  });

  test("gets our rules with adopt", () => {
    const stack = synth({ existingTunnel, adopt: true });
    expect(all(stack, "cloudflare_zero_trust_tunnel_cloudflared_config")).toMatchObject([
      { account_id: existingTunnel.accountId, tunnel_id: existingTunnel.id },
    ]);
    expect(types(stack)).not.toContain("cloudflare_zero_trust_tunnel_cloudflared");
    expect(stack.output).not.toHaveProperty("rulesToAdd");
  });
});

describe("on a machine that exists", () => {
  const machine = { user: "ubuntu", host: "203.0.113.5", port: 2222 };
  const stack = synth({ machine });

  test("nothing is at DigitalOcean, not even the provider", () => {
    expect(JSON.stringify(stack)).not.toContain("digitalocean");
    expect(stack.provider).toEqual({ cloudflare: [{}] });
    expect(types(stack)).toEqual([
      "cloudflare_dns_record",
      "cloudflare_zero_trust_tunnel_cloudflared",
      "cloudflare_zero_trust_tunnel_cloudflared_config",
      "terraform_data",
    ]);
  });

  test("its address is an output once it is prepared, and is prepared again when it is another one", () => {
    const { machine: prepared } = stack.resource["terraform_data"] ?? {};
    expect(stack.output["host"]).toEqual({ value: "${terraform_data.machine.output.host}" });
    expect(prepared?.["triggers_replace"]).toMatchObject({ server: "ubuntu@203.0.113.5:2222", exposure: "tunnel" });
    expect(prepared?.["provisioner"]).toEqual([
      {
        "local-exec": {
          command:
            "node ../../../stacks/provision/prepare-machine.ts --server ubuntu@203.0.113.5:2222 --exposure tunnel",
          environment: {},
        },
      },
    ]);
  });

  test("a destroy says that it is left as it is, and does nothing to it", () => {
    const { left } = stack.resource["terraform_data"] ?? {};
    const [provisioner] = left?.["provisioner"] ?? [];
    expect(provisioner["local-exec"]).toMatchObject({
      when: "destroy",
      command: expect.stringMatching(/^echo ".*left as it is/),
    });
    expect(JSON.stringify(stack.resource["terraform_data"]?.["machine"])).not.toContain("destroy");
  });

  test("in direct mode the names point at it", () => {
    const direct = synth({ machine, mode: "direct" });
    expect(all(direct, "cloudflare_dns_record")[0]).toMatchObject({ type: "A", content: "203.0.113.5" });
  });
});

test("existing records and keys are taken over only with adopt", () => {
  expect(synth().import).toBeUndefined();
  const targets = synth({ adopt: true }).import?.map(({ to }) => String(to).split(".")[0]);
  expect(targets?.toSorted()).toEqual(["cloudflare_dns_record", "cloudflare_dns_record", "digitalocean_ssh_key"]);
});

test("rules at the edge are opt-in, and apply to our hosts only", () => {
  expect(types(synth())).not.toContain("cloudflare_ruleset");
  const [limit, ssl] = all(synth({ sslMode: "full", edgeRateLimit: 100 }), "cloudflare_ruleset");
  const expression = '(http.host in {"coda.example.org" "n8n.example.org"})';
  expect(ssl).toMatchObject({
    phase: "http_config_settings",
    rules: [{ expression, action_parameters: { ssl: "full" } }],
  });
  expect(limit).toMatchObject({
    phase: "http_ratelimit",
    rules: [{ expression, ratelimit: { requests_per_period: 100 } }],
  });
});

test("a given zone id is not looked up", () => {
  const stack = synth({ zoneId: "a".repeat(32) });
  expect(stack.data).toBeUndefined();
  expect(all(stack, "cloudflare_dns_record")[0]?.["zone_id"]).toBe("a".repeat(32));
});

test("the stack contains no path of this machine", () => {
  const { backend: _, ...terraform } = synth().terraform; // a stack without our app gets cdktf's default
  expect(JSON.stringify({ ...synth(), terraform })).not.toContain(process.cwd());
});
