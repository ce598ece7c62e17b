import { expect, test } from "vitest";
import { fromServerJson } from "./server-json.ts";

const stdio = { type: "stdio" };
const weather = {
  name: "io.github.example/weather",
  description: "Weather of tomorrow",
  version: "1.0.2",
  packages: [
    { registryType: "mcpb", identifier: "https://example.org/x.mcpb", transport: stdio },
    {
      registryType: "npm",
      identifier: "@example/weather",
      version: "1.0.2",
      transport: stdio,
      runtimeHint: "npx",
      runtimeArguments: [{ type: "named", name: "-y" }],
      packageArguments: [
        { type: "positional", value: "stdio" },
        { type: "named", name: "--units", default: "celsius" },
        { type: "named", name: "--region", value: "{region}", variables: { region: { default: "eu" } } },
        { type: "named", name: "--optional", description: "nobody needs it" },
      ],
      environmentVariables: [
        { name: "WEATHER_API_KEY", isRequired: true, isSecret: true },
        { name: "WEATHER_TOKEN", isSecret: true },
        { name: "WEATHER_REGION", value: "eu" },
        { name: "WEATHER_CITY", isRequired: true },
        { name: "LOG_LEVEL", default: "info" },
        { name: "bad name\n", isRequired: true },
        { name: "__proto__", value: "x" },
      ],
    },
  ],
};

test("of several packages the one that starts without Docker is taken, with its arguments and variables", () => {
  expect(fromServerJson(weather, ["--more"])).toEqual({
    kind: "npm",
    source: "@example/weather",
    version: "1.0.2",
    words: ["stdio", "--units=celsius", "--region=eu", "--more"],
    secrets: ["WEATHER_API_KEY", "WEATHER_CITY"],
    optionalSecrets: ["WEATHER_TOKEN"],
    env: { WEATHER_REGION: "eu" },
    about: "Weather of tomorrow",
    notes: [],
  });
});

const of = (more: object) => ({ name: "com.example/x-mcp", ...more });
const pack = (more: object) => of({ packages: [{ registryType: "npm", identifier: "x", transport: stdio, ...more }] });
const wanting = pack({ packageArguments: [{ type: "positional", valueHint: "folder", isRequired: true }] });

test("an argument that only the reader knows is asked for", () => {
  expect(() => fromServerJson(wanting, [])).toThrow("it wants <folder>: give it after --");
  expect(fromServerJson(wanting, ["/data"]).words).toEqual(["/data"]);
});

const packageOf = (identifier: string, version?: string) =>
  pack({
    registryType: "oci",
    identifier,
    version,
    runtimeArguments: [
      { type: "named", name: "--mount", value: "type=bind" },
      { type: "named", name: "--rm" },
    ],
  });

test("an image has its tag, and what is for `docker run` is left out and told", () => {
  expect(fromServerJson(packageOf("docker.io/a/b", "1.0.0"), [])).toMatchObject({
    kind: "image",
    source: "docker.io/a/b:1.0.0",
    notes: ["left out, because they are for `docker run`: --mount"],
  });
  expect(fromServerJson(packageOf("docker.io/a/b:2.0.0"), []).source).toBe("docker.io/a/b:2.0.0");
});

const remotes = (...all: object[]) => of({ remotes: all });
const authorization = { name: "Authorization", value: "Bearer {key}", isSecret: true, isRequired: true };

test("a URL is taken where there is no package, with the token that it asks for", () => {
  const url = "https://mcp.example.com/mcp";
  const sse = { type: "sse", url: "https://mcp.example.com/sse" };
  const http = { type: "streamable-http", url, headers: [authorization, { name: "X-Region", default: "eu" }] };
  expect(fromServerJson(remotes(sse, http), [])).toMatchObject({ kind: "http", source: url, secrets: ["X_MCP_TOKEN"] });
  expect(fromServerJson(remotes(sse), [])).toMatchObject({ kind: "sse", source: sse.url, secrets: [] });
});

test.each([
  [
    "a header that cannot be sent",
    remotes({ type: "sse", url: "https://a/sse", headers: [{ name: "X-Key", isRequired: true }] }),
    "sse with X-Key",
  ],
  ["a URL with places in it", remotes({ type: "sse", url: "https://{tenant}/sse" }), "offers sse"],
  ["another kind of package", pack({ registryType: "nuget" }), "offers nuget (stdio)"],
  [
    "a package that serves HTTP",
    pack({ transport: { type: "streamable-http", url: "http://localhost" } }),
    "streamable-http",
  ],
  ["nothing", of({}), "offers nothing"],
])("%s is refused, with what was offered", (_, said, problem) => {
  expect(() => fromServerJson(said, [])).toThrow(problem);
});

test.each([undefined, null, 1, [], {}, { name: 1 }, { name: "x", packages: {} }, { name: "x", packages: [{}] }])(
  "%j is no server.json",
  (said) => {
    expect(() => fromServerJson(said, [])).toThrow("it is not a server.json");
  },
);

test.each([
  ["npm", "--foo", "1.0.0"],
  ["npm", "-g", undefined],
  ["npm", "file:../..", undefined],
  ["npm", "../../etc", "1.0.0"],
  ["npm", "weather", "file:../.."],
  ["npm", "weather", "git+ssh://git@evil.example/x.git"],
  ["npm", "weather", "npm:other@1.0.0"],
  ["npm", "git+ssh://git@evil.example/x.git", undefined],
  ["npm", "https://evil.example/x.tgz", undefined],
  ["npm", "weather@1.0.0\n", undefined],
  ["npm", "", "1.0.0"],
  ["pypi", "--index-url=https://evil.example", "1.0.0"],
  ["pypi", "weather @ https://evil.example/x.whl", undefined],
  ["pypi", "weather", "1.0.0\n--index-url=https://evil.example"],
  ["oci", "--privileged", "1.0.0"],
  ["oci", "-v/:/host", undefined],
  ["oci", "ghcr.io/../x", "1 2"],
])("a package of %s that is called %j at %j is refused", (registryType, identifier, version) => {
  const packages = [{ registryType, identifier, ...(version !== undefined && { version }), transport: stdio }];
  expect(() => fromServerJson({ name: "io.github.example/x", packages }, [])).toThrow("is no name of one");
});

test.each([["file:///etc/passwd"], ["javascript:alert(1)"], ["https://me:hunter22@evil.example/mcp"], ["--foo"], [""]])(
  "a remote at %j is refused",
  (url) => {
    const remotes = [{ type: "streamable-http", url }];
    expect(() => fromServerJson({ name: "io.github.example/x", remotes }, [])).toThrow("is no name of one");
  },
);
