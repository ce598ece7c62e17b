import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { edgeProblems, hostnameProblems } from "./edge-values.ts";

const text = (value: string) => [...Buffer.alloc(4, 0).with(3, value.length), ...Buffer.from(value)];
const blob = Buffer.from([...text("ssh-ed25519"), 0, 0, 0, 32, ...Buffer.alloc(32, 7)]).toString("base64");
const publicKey = `ssh-ed25519 ${blob} me@laptop`;
const tunnel = { a: "0123456789abcdef0123456789abcdef", t: "6ff42ae2-765d-4adf-8112-31c55c1551ef", s: "c2VjcmV0" };
const tunnelToken = Buffer.from(JSON.stringify(tunnel)).toString("base64");
const right = {
  DOMAIN: "tools.example.org",
  CLOUDFLARE_API_TOKEN: "A-b_".repeat(10),
  CLOUDFLARE_ACCOUNT_ID: tunnel.a,
  CLOUDFLARE_ZONE_ID: tunnel.a,
  CF_TUNNEL_TOKEN: tunnelToken,
  DIGITALOCEAN_TOKEN: `dop_v1_${"0a".repeat(32)}`,
  DROPLET_REGION: "fra1",
  DROPLET_SIZE: "s-1vcpu-2gb",
  LETSENCRYPT_EMAIL: "ops@example.org",
  SSH_PUBLIC_KEY: publicKey,
  SSH_PRIVATE_KEY_FILE: "~/.ssh/id_ed25519",
  SSH_FROM: "198.51.100.7/32, 2001:db8::/32",
  SSH_PORT: "22",
};

test("correct values pass, and so do values that are not set", () => {
  expect(edgeProblems(right)).toEqual([]);
  expect(edgeProblems({})).toEqual([]);
});

test("every problem is reported with its variable", () => {
  const problems = edgeProblems({ ...right, DOMAIN: "https://example.org", SSH_PORT: "ssh" });
  expect(problems.map((problem) => problem.split(" ")[0])).toEqual(["DOMAIN", "SSH_PORT"]);
});

describe("a wrong value is reported with what was expected:", () => {
  test.each([
    [{ DROPLET_REGION: "fra2" }, 'is "fra2", expected a region of DigitalOcean: "fra1"?'],
    [{ DROPLET_REGION: "frankfurt" }, 'is "frankfurt", expected a region of DigitalOcean (nyc1'],
    [{ DROPLET_SIZE: "2 GB" }, 'is "2 GB", expected a droplet size such as'],
    [{ DOMAIN: "localhost" }, 'is "localhost", expected a domain such as example.org'],
    [{ SSH_FROM: "198.51.100.7" }, 'has "198.51.100.7", expected ranges such as 198.51.100.7/32'],
    [{ SSH_FROM: "198.51.100.0/33" }, "expected ranges"],
    [{ LETSENCRYPT_EMAIL: "ops" }, 'is "ops", expected an address such as ops@example.org'],
    [{ SSH_PORT: "0" }, 'is "0", expected a whole number from 1 to 65535'],
    [{ CLOUDFLARE_ACCOUNT_ID: "me@example.org" }, "is not one (14 characters), expected the account's id"],
    [{ CF_TUNNEL_TOKEN: "abc" }, "is not a tunnel token: it is not the base64 of a JSON object"],
    [{ SSH_PUBLIC_KEY: "~/.ssh/id_ed25519.pub" }, "looks like a path"],
    [{ SSH_PUBLIC_KEY: publicKey.slice(0, 40) }, "is cut off or mistyped"],
    [{ SSH_PUBLIC_KEY: "hello" }, "is not a public key that DigitalOcean accepts"],
  ])("%o", (changed, problem) => {
    expect(edgeProblems({ ...right, ...changed })).toEqual([expect.stringContaining(problem)]);
  });
});

describe("a secret in the wrong variable is refused, and not shown:", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  test.each([
    ["a tunnel token as Cloudflare's API token", { CLOUDFLARE_API_TOKEN: tunnelToken }, "belongs in CF_TUNNEL_TOKEN"],
    ["DigitalOcean's token as Cloudflare's", { CLOUDFLARE_API_TOKEN: right.DIGITALOCEAN_TOKEN }, "DIGITALOCEAN_TOKEN"],
    [
      "Cloudflare's token as DigitalOcean's",
      { DIGITALOCEAN_TOKEN: right.CLOUDFLARE_API_TOKEN },
      "not a DigitalOcean token",
    ],
    ["the Global API Key", { CLOUDFLARE_API_TOKEN: "0a1b2".repeat(8).slice(0, 37) }, "create an API token"],
    ["a private key", { SSH_PUBLIC_KEY: pem }, "is a private key, which must not leave its machine"],
    ["a private key instead of the path of its file", { SSH_PRIVATE_KEY_FILE: pem }, "is a key, which"],
    ["a token as an account id", { CLOUDFLARE_ACCOUNT_ID: right.CLOUDFLARE_API_TOKEN }, "is not one (40 characters)"],
  ])("%s", (_, changed, problem) => {
    const [line = "", ...others] = edgeProblems({ ...right, ...changed });
    expect([others, line]).toEqual([[], expect.stringContaining(problem)]);
    for (const value of Object.values(changed)) expect(line).not.toContain(value.slice(0, 60).trim());
  });
});

test("a service's name is one label of the domain", () => {
  expect(hostnameProblems(["coda", "my-server"], "example.org")).toEqual([]);
  expect(hostnameProblems(["coda.example.org", "coda.example.com", "-x"], "example.org")).toEqual([
    'coda.example.org: expected the label alone ("coda")',
    "coda.example.com is outside the domain example.org: expected one label of it",
    "-x is not a DNS label: expected 1 to 63 of a-z, 0-9 and -, without - at either end",
  ]);
});
