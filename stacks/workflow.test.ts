import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { services } from "./services.ts";

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");

/** What `.env.example` has for a deployment under a domain, and is a laptop's own: CI has the key and the bucket's by other names. */
const laptops = ["SSH_PRIVATE_KEY_FILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

const names = (text: string) => Array.from(text.matchAll(/^# ([A-Z_]+)=/gm), ([, name]) => name!);

test("the deploy workflow has every setting and secret that a laptop can set: its apply would change back the others", () => {
  const example = read(".env.example");
  const [, cloud = ""] = example.split("DOMAIN is the switch");
  const settings = [...names(cloud), ...names(example).filter((name) => /^(AUTH(?!_PORT)|UPSTREAM|LOCAL_)/.test(name))];
  const secrets = Object.values(services).flatMap((service) => [...service.secrets, ...service.optionalSecrets]);
  const workflow = read(".github/workflows/deploy.yml");
  const given = new Set(Array.from(workflow.matchAll(/^ +([A-Z_]+): \$\{\{ (?:vars|secrets)\./gm), ([, name]) => name));
  expect(settings.length).toBeGreaterThan(20);
  const lacking = [...settings, ...secrets].filter((name) => !given.has(name) && !laptops.includes(name));
  expect(lacking, "npx gangway secrets adds the secrets of the catalog").toEqual([]);
});
