import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { cloudPackages } from "../../stacks/cloud-packages.ts";
import { root } from "../../stacks/shipped.ts";
import { services as ours } from "../../stacks/services.ts";
import { projectFiles } from "./files.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");
const files = projectFiles("my-servers", false);
const textOf = (file: string) => files.get(file) ?? "";
const manifest = (withCloud: boolean) =>
  JSON.parse(projectFiles("my-servers", withCloud).get("package.json") ?? "") as Record<string, object>;

test("every template of the folder becomes a file", () => {
  const made = [...files.values()].map((text) => text.replaceAll("my-servers", "{{name}}"));
  for (const template of readdirSync(join(root, "templates/project")))
    expect(made, template).toContain(read(`templates/project/${template}`));
});

test("it has its name where a name belongs, and a README of at most 40 lines", () => {
  expect(manifest(false)).toMatchObject({ name: "my-servers", private: true, type: "module" });
  expect(textOf("README.md")).toMatch(/^# my-servers\n/);
  expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
});

test("what a deploy needs is in package.json only where it is asked for, and what replaces a part of it always is", () => {
  const version = `^${(JSON.parse(read("package.json")) as { version: string }).version}`;
  expect(manifest(false)["devDependencies"]).toEqual({ "gangway-mcp": version });
  expect(manifest(true)["devDependencies"]).toEqual({ ...cloudPackages, "gangway-mcp": version });
  const { overrides } = JSON.parse(read("package.json")) as { overrides: object };
  for (const withCloud of [false, true]) expect(manifest(withCloud)["overrides"]).toEqual(overrides);
});

test("its services are those of our own catalog, with their lockfiles", () => {
  const servers = Array.from(textOf("services.ts").matchAll(/npm\("([^"]+)"/g), ([, spec]) => spec);
  const known = Object.values(ours).flatMap(({ server }) => (server.kind === "npm" ? [server.package] : []));
  expect(servers).toHaveLength(3);
  expect(known).toEqual(expect.arrayContaining(servers));
  const locks = [...files.keys()].filter((file) => file.startsWith("locks/"));
  expect(locks).toHaveLength(2); // one server is commented out
  for (const lock of locks) expect(textOf(lock)).toBe(read(`stacks/${lock}`));
});

test.each([".env.example", ".github/workflows/deploy.yml"])(
  "%s is ours without our services' secrets: a setting that is added to one belongs into the other",
  (file) => {
    const secrets = new Set(Object.values(ours).flatMap((service) => [...service.secrets, ...service.optionalSecrets]));
    const settings = (text: string) =>
      Array.from(text.matchAll(/^[# ]*([A-Z][A-Z_]+)(?:=|: )(.*)$/gm), ([, name = "", value = ""]) => [name, value])
        .filter(([name]) => !secrets.has(name!))
        .map(([name, value]) => `${name}=${value?.replace(/ #.*/, "")}`);
    expect(settings(textOf(file))).toEqual(settings(read(file)));
  },
);

test("the workflow has the steps of ours", () => {
  const file = ".github/workflows/deploy.yml";
  const secrets = Object.values(ours).flatMap((service) => [...service.secrets, ...service.optionalSecrets]);
  const isOfAService = (line: string) => secrets.some((name) => line.trimStart().startsWith(`${name}: `));
  const [own, theirs] = [read(file), textOf(file)].map((text) =>
    text
      .slice(text.indexOf("steps:"))
      .split("\n")
      .filter((line) => !isOfAService(line)),
  );
  expect(theirs).toEqual(own);
});

test("secrets and what we keep stay out of git, and an .env.example that is copied means nothing yet", () => {
  expect(textOf(".gitignore").split("\n")).toEqual(
    expect.arrayContaining([".env", ".gangway/", "node_modules/", "cdktf.out/", "*.tfstate*"]),
  );
  expect(Object.values(parseEnv(textOf(".env.example"))).filter((value) => value !== "")).toEqual([]);
});
