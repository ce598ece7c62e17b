import { globSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, parseEnv } from "node:util";
import { describe, expect, test } from "vitest";
import { defineServices } from "./catalog/define.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { services as shipped } from "./services.ts";
import { readSettings } from "./settings.ts";
import { portVariable } from "./settings/variables.ts";

const { memory, "my-server": mine } = defineServices({
  memory: { server: npm("pkg@1.2.3"), port: 8082 },
  "my-server": { server: npm("pkg@1.2.3"), port: 8090 },
});
const services = [memory, mine];

function envFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "gangway-settings-")), ".env");
  writeFileSync(file, text);
  return file;
}

const read = (env: Record<string, string>, file = "/nowhere/.env") => readSettings(services, { env, file });

test("without any settings, ports are the catalog's and there is no token", () => {
  const settings = read({});
  expect([settings.hubPort, settings.port(memory), settings.bearerTokens]).toEqual([3000, 8082, []]);
});

describe("values", () => {
  test("come from .env", () => {
    const settings = read({}, envFile('MCP_BEARER_TOKEN=secret\nCODA_API_TOKEN="quoted" # mine\n'));
    expect([settings.bearerTokens, settings.value("CODA_API_TOKEN")]).toEqual([["secret"], "quoted"]);
  });

  test("in the environment win over .env, an empty one too", () => {
    const file = envFile("MCP_BEARER_TOKEN=old\nCODA_API_TOKEN=old\n");
    const settings = read({ MCP_BEARER_TOKEN: "new", CODA_API_TOKEN: "" }, file);
    expect([settings.bearerTokens, settings.value("CODA_API_TOKEN")]).toEqual([["new"], undefined]);
  });

  test("that are secret show in no print", () => {
    const settings = read({ MCP_BEARER_TOKEN: "do-not-show" });
    expect(inspect(settings, { depth: null, showHidden: true }) + JSON.stringify(settings)).not.toContain("do-not");
  });
});

describe("ports", () => {
  test("are moved by PORT_<SERVICE> and HUB_PORT", () => {
    const settings = read({ PORT_MY_SERVER: "9090", HUB_PORT: "3100" });
    expect([settings.port(mine), settings.port(memory), settings.hubPort]).toEqual([9090, 8082, 3100]);
    expect(portVariable("my-server")).toBe("PORT_MY_SERVER");
  });

  test("that cannot be ports are all reported at once", () => {
    expect(() => read({ HUB_PORT: "http", PORT_MEMORY: "99999" })).toThrow(
      'HUB_PORT (from the environment) is "http", expected a whole number from 1 to 65535\n' +
        'PORT_MEMORY (from the environment) is "99999", expected a whole number from 1 to 65535',
    );
  });

  test("of two may not be one", () => {
    expect(() => read({ PORT_MEMORY: "8090" })).toThrow(
      "PORT_MY_SERVER is 8090, expected another port than PORT_MEMORY (from the environment) has",
    );
  });
});

describe("with logins", () => {
  const both = { ...memory, auth: ["oauth", "bearer"] } as unknown as typeof memory;
  const readBoth = (env: Record<string, string> = {}) => readSettings([both, mine], { env, file: "/nowhere/.env" });

  test("AUTH is said of every service that does not say otherwise itself", () => {
    const settings = read({ AUTH: "oauth, bearer" });
    expect([settings.auth(mine), settings.auth({ ...memory, auth: "bearer" })]).toEqual([
      ["oauth", "bearer"],
      ["bearer"],
    ]);
    expect(read({}).auth(mine)).toEqual(["bearer"]);
  });

  test("tokens beside them have a port of their own, 1000 above, which a variable moves", () => {
    expect([readBoth().keyPort(both), readBoth().keyPort(mine)]).toEqual([9082, undefined]);
    expect(readBoth({ PORT_MEMORY: "7000" }).keyPort(both)).toBe(8000);
    expect(readBoth({ PORT_MEMORY_KEY: "7777" }).keyPort(both)).toBe(7777);
    expect([readBoth().authPort, readBoth({ AUTH_PORT: "7078" }).authPort]).toEqual([8078, 7078]);
  });

  test.each<[env: Record<string, string>, problem: string]>([
    [
      { PORT_MY_SERVER: "9082" },
      "PORT_MEMORY_KEY is 9082, expected another port than PORT_MY_SERVER (from the environment)",
    ],
    [
      { PORT_MY_SERVER: "8078" },
      "PORT_MY_SERVER (from the environment) is 8078, expected another port than AUTH_PORT has",
    ],
    [{ PORT_MEMORY: "65000" }, 'PORT_MEMORY_KEY is "66000", expected a whole number from 1 to 65535'],
  ])("no two of all these are one port: %j", (env, problem) => {
    expect(() => readBoth(env)).toThrow(problem);
  });

  test("nobody asks for the port of an authorization server that does not run", () => {
    expect(() => read({ PORT_MY_SERVER: "8078" })).not.toThrow();
    expect(() => readBoth({ PORT_MY_SERVER: "8078", AUTH_ISSUER: "https://login.example.org" })).not.toThrow();
  });
});

test(".env.example has every secret of the shipped catalog, and no value", () => {
  const example = parseEnv(readFileSync(new URL("../.env.example", import.meta.url), "utf8"));
  const secrets = Object.values(shipped).flatMap((service) => [...service.secrets, ...service.optionalSecrets]);
  const names = [...new Set(["MCP_BEARER_TOKEN", ...secrets])].toSorted();
  expect(Object.keys(example).toSorted(), "npx gangway secrets adds what is missing").toEqual(names);
  expect(Object.values(example).join("")).toBe("");
});

/** Who may read the environment besides settings.ts, and why. */
const readers = [
  /^gateways\//, // a program of its own, which is configured by variables
  /^scripts\/(lab|package|proxies\/live)\//, // programs that measure and try out, with an environment that they choose
  /^scripts\/kit\/on-path\.ts$/, // where programs are
  /^scripts\/(call\/target|connect)\.ts$/, // outside of a project there are no settings, and a token in the environment counts all the same
  /^scripts\/clients\.ts$/, // clients have variables of their own that move their files
  /^templates\/clients\/typescript\.ts$/, // a program that we print
  /^scripts\/kit\/(gateway-process|trial)\.ts$/, // start gateways with only as much of the environment as they need
  /^scripts\/start\/given-variables\.ts$/, // gives a program of ours its own
  /(^|\/)fixtures\//, // what tests start gets part of their environment
  /\.test\.ts$/,
];

test("everybody else gets the environment from the settings", () => {
  const project = new URL("../", import.meta.url);
  const sources = globSync("{stacks,scripts,templates,gateways}/**/*.ts", { cwd: project })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/") && !readers.some((reader) => reader.test(path)));
  const reading = sources.filter((path) =>
    /process\.env\b|\benv\b.*from "node:process"/.test(readFileSync(new URL(path, project), "utf8")),
  );
  expect(reading).toEqual(["stacks/settings.ts"]);
});

describe(".env", () => {
  test("with a typo stops, and so do two at once", () => {
    expect(() => read({}, envFile("MCP_BEARER_TOKN=do-not-show\nPORT_MEMRY=1"))).toThrow(
      ".env line 1: MCP_BEARER_TOKN is not a setting. Did you mean MCP_BEARER_TOKEN?\n" +
        ".env line 2: PORT_MEMRY is not a setting. Did you mean PORT_MEMORY?",
    );
  });

  test("may name a service of the catalog that is not started now", () => {
    const file = envFile("PORT_MY_SERVER=9090");
    expect(readSettings([memory], { env: {}, file, catalog: services }).notices).toEqual([]);
  });

  test("and the environment are told apart in messages", () => {
    const file = envFile("PORT_MEMORY=none");
    expect(() => read({}, file)).toThrow('PORT_MEMORY (from .env) is "none"');
    expect(() => read({ PORT_MEMORY: "some" }, file)).toThrow('PORT_MEMORY (from the environment) is "some"');
  });
});
