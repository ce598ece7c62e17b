/** The declarations of the package, as a compiler in a project of one's own reads them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { shipped } from "../shipped.ts";
import { catalogDeclarations, libraryDeclarations } from "./declarations.ts";

/** What the compiler says of a file in a folder where nothing but the package is installed. */
function compile(source: string, resolution: "nodenext" | "bundler", more: readonly string[] = []): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gangway-declarations-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const its = join(folder, "node_modules/gangway-mcp");
  mkdirSync(its, { recursive: true });
  const exports = { ".": { types: "./library.d.ts" }, "./catalog": { types: "./catalog.d.ts" } };
  writeFileSync(
    join(its, "package.json"),
    JSON.stringify({ name: "gangway-mcp", version: "1.0.0", type: "module", exports }),
  );
  writeFileSync(join(its, "library.d.ts"), libraryDeclarations());
  writeFileSync(join(its, "catalog.d.ts"), catalogDeclarations());
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "it.ts"), source);
  const module = resolution === "nodenext" ? "nodenext" : "esnext";
  const flags = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--types", ""];
  const words = [
    ...flags,
    "--lib",
    "es2024,dom",
    "--module",
    module,
    "--moduleResolution",
    resolution,
    ...more,
    "it.ts",
  ];
  return spawnSync(shipped("node_modules/.bin/tsc"), words, { cwd: folder, encoding: "utf8" }).stdout;
}

/** A catalog of ours, as it would be in a project of one's own. */
function catalogIn(file: string): string {
  const text = readFileSync(shipped(file), "utf8").replaceAll(/^import .*;$/gm, "");
  return `import { app, command, defineServices, http, image, npm, pypi, sse } from "gangway-mcp/catalog";\n${text}\nvoid [app, command, http, image, npm, pypi, sse];\n`;
}

const library = (server: string) => `import { ConfigError, createGateway, type ServiceStatus } from "gangway-mcp";
const gateway = createGateway({ port: 0, idleTtl: "10m", log: (lines) => console.log(lines) });
gateway.on("service", (service: ServiceStatus) => console.log(service.name, service.state, service.url));
gateway.on("session", ({ state, client, transport }) => console.log(state, client, transport === "sse"));
gateway.on("error", (error) => console.error(error.service, error.message));
gateway.addServer("filesystem", ${server});
await gateway.start().catch((error: unknown) => { if (!(error instanceof ConfigError)) throw error; });
const url: string = gateway.urlOf("filesystem");
console.log(url);
await gateway.close();
`;

describe.each(["nodenext", "bundler"] as const)("with moduleResolution %s", (resolution) => {
  test.each(["stacks/services.ts", "templates/project/services.ts"])("%s compiles", (file) => {
    expect(compile(catalogIn(file), resolution)).toBe("");
  });

  test("a program with a gateway in it compiles", () => {
    const server =
      '{ command: "npx", args: ["-y", "some-server"], env: { A: "b" }, isolation: "shared", maxSessions: 5 }';
    expect(compile(library(server), resolution)).toBe("");
  });
});

test.each([
  ["an option that does not exist", '{ command: "npx", isolaton: "shared" }', "isolaton"],
  ["a word that is none of an option's", '{ command: "npx", isolation: "none" }', `'"none"' is not assignable`],
  ["a value of another type", '{ command: ["npx"] }', "'string[]' is not assignable"],
])("%s does not compile", (_, server, message) => {
  expect(compile(library(server), "nodenext")).toContain(message);
});

test("what is declared of the library is what it has", () => {
  const source = `import type * as own from "${shipped("gateways/library.ts")}";
import type * as declared from "gangway-mcp";
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
export const same: [
  Same<own.ServiceStatus, declared.ServiceStatus>,
  Same<own.SessionStatus, declared.SessionStatus>,
  Same<own.GatewayEvents, declared.GatewayEvents>,
  Same<keyof own.ServerOptions, keyof declared.ServerOptions>,
  Same<keyof own.GatewayOptions, keyof declared.GatewayOptions>,
] = [true, true, true, true, true];
export const made = (gateway: own.EmbeddedGateway): declared.EmbeddedGateway => gateway;
`;
  const types = ["--typeRoots", shipped("node_modules/@types"), "--types", "node", "--allowImportingTsExtensions"];
  expect(compile(source, "nodenext", [...types, "--skipLibCheck"])).toBe("");
});

test("every option is documented, with its default", () => {
  const texts = `${catalogDeclarations()}${libraryDeclarations()}`;
  const undocumented = texts
    .split("\n")
    .filter(
      (line, at, all) =>
        /^  readonly (idleTtl|memory|volumes|requestRate)\b/.test(line) && !all[at - 1]!.endsWith("*/"),
    );
  expect(undocumented).toEqual([]);
  expect(texts).toContain("/** an idle session ends after this time. @default 30m */");
});
