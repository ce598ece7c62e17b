import { expect, test } from "vitest";
import { defineServices } from "../catalog/define.ts";
import { app } from "../catalog/kinds/app.ts";
import { command } from "../catalog/kinds/command.ts";
import { http } from "../catalog/kinds/http.ts";
import { Settings } from "../settings.ts";
import { misplacedSecrets } from "./misplaced.ts";

const find = (entries: Parameters<typeof defineServices>[0], env: Record<string, string> = {}) => {
  const services = Object.values(defineServices(entries));
  return misplacedSecrets(services, new Settings(services, env));
};

test("the value of a secret in a variable, a command or an address is found, and is not in the message", () => {
  const problems = find(
    {
      one: { server: command(["serve"]), port: 1, env: { KEY: "Bearer s3cret-value" }, secrets: ["API_KEY"] },
      two: { server: command(["serve", "--token=s3cret-value"]), port: 2 },
      three: { server: http("https://example.org/mcp?key=s3cret-value"), port: 3 },
      four: app({ image: "a:1", port: 4, healthcheck: { test: ["check", "--password=s3cret-value"] } }),
    },
    { API_KEY: "s3cret-value" },
  );
  expect(problems).toHaveLength(4);
  expect(problems[0]).toMatch(/^one: env KEY has the value of API_KEY: name it in "secrets"/);
  expect(problems.join()).not.toContain("s3cret-value");
});

test("what looks like a token is found though no secret has that value", () => {
  const token = `ghp_${"a1".repeat(18)}`;
  expect(find({ one: { server: command(["serve"]), port: 1, env: { TOKEN: token } } })).toHaveLength(1);
});

test("plain values are left alone, and so are secrets too short to tell from a word", () => {
  const entry = { server: command(["serve", "/data"]), port: 1, env: { MODE: "data" }, secrets: ["API_KEY"] };
  expect(find({ one: entry }, { API_KEY: "data" })).toEqual([]);
});
