/** The declarations of the package, as a compiler in a project of one's own reads them. Those of the packed one are read in scripts/package/. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  catalogIn,
  catalogWithGroup,
  compile,
  mistakes,
  programWith,
  resolutions,
  SERVER,
} from "../fixtures/typed-project.ts";
import { shipped } from "../shipped.ts";
import { catalogDeclarations, libraryDeclarations } from "./declarations.ts";

/** A folder where nothing but the package is installed, and of that only its declarations. */
function project(): string {
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
  return folder;
}

describe.each(resolutions)("with moduleResolution %s", (resolution) => {
  test.each(["stacks/services.ts", "templates/project/services.ts"])("%s compiles", (file) => {
    expect(compile(catalogIn(file), { folder: project(), resolution })).toBe("");
  });

  test("a program with a gateway in it compiles", () => {
    expect(compile(programWith(SERVER), { folder: project(), resolution })).toBe("");
  });
});

test("a group may name the entries of its catalog, and no other", () => {
  const its = { folder: project(), resolution: "nodenext" } as const;
  expect(compile(catalogWithGroup(["memory", "web"]), its)).toBe("");
  expect(compile(catalogWithGroup(["memory", "wbe"]), its)).toMatch(/"wbe".*is not assignable to/);
});

test.each(mistakes)("%s does not compile", (_, server, message) => {
  expect(compile(programWith(server), { folder: project(), resolution: "nodenext" })).toContain(message);
});

test("what is declared of the library is what it has", () => {
  const source = `import type * as own from "${shipped("gateways/library.ts")}";
import type * as declared from "gangway-mcp";
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
export const same: [
  Same<own.ServiceStatus, declared.ServiceStatus>,
  Same<own.SessionStatus, declared.SessionStatus>,
  Same<own.GatewayEvents, declared.GatewayEvents>,
  Same<own.VerifyToken, declared.VerifyToken>,
  Same<keyof own.ServerOptions, keyof declared.ServerOptions>,
  Same<keyof own.GatewayOptions, keyof declared.GatewayOptions>,
] = [true, true, true, true, true, true];
export const made = (gateway: own.EmbeddedGateway): declared.EmbeddedGateway => gateway;
`;
  const flags = [
    "--typeRoots",
    shipped("node_modules/@types"),
    "--types",
    "node",
    "--allowImportingTsExtensions",
    "--skipLibCheck",
  ];
  expect(compile(source, { folder: project(), resolution: "nodenext", flags })).toBe("");
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
