import { describe, expect, test } from "vitest";
import { allOptions } from "../../gateways/config/every-option.ts";
import { defineServices } from "./define.ts";
import { problemsOf } from "./fixtures/problems.ts";
import { findProblems } from "./check.ts";
import { reserved } from "./gateway-options.ts";
import { app } from "./kinds/app.ts";
import { command } from "./kinds/command.ts";
import { http } from "./kinds/http.ts";
import { image } from "./kinds/image.ts";
import { npm } from "./kinds/npm.ts";
import { pypi } from "./kinds/pypi.ts";

const memory = { server: npm("server-memory@1.2.3"), port: 8082 };

describe("a wrong entry is named, with what was found and what was expected", () => {
  test.each<[what: string, entry: unknown, problem: string]>([
    ["an option with a slip", { ...memory, isolaton: "shared" }, 'unknown option "isolaton", expected "isolation"'],
    ["a port that is a text", { ...memory, port: "8082" }, 'port is "8082", expected a whole number from 1 to 65535'],
    [
      "a port that does not exist",
      { ...memory, port: 70000 },
      "port is 70000, expected a whole number from 1 to 65535",
    ],
    ["no port", { server: memory.server }, "port is missing, expected a whole number from 1 to 65535"],
    [
      "no server",
      { port: 1 },
      "server is missing, expected npm(), pypi(), command(), image(), http(), sse() or group(), or the entry is an app()",
    ],
    [
      "a server made by hand",
      { server: "npx pkg", port: 1 },
      'server is "npx pkg", expected npm(), pypi(), command(), image(), http(), sse() or group(), or the entry is an app()',
    ],
    [
      "a hostname with a dot",
      { ...memory, hostname: "a.b" },
      'hostname is "a.b", expected a DNS label: 1 to 50 of a-z, 0-9 and -',
    ],
    [
      "an isolation of its own",
      { ...memory, isolation: "none" },
      'isolation is "none", expected one of session, shared',
    ],
    ["a flag that is a text", { ...memory, revive: "no" }, 'revive is "no", expected true or false'],
    ["serial sessions", { ...memory, serial: true }, 'serial is true, expected isolation: "shared" with it'],
    [
      "a time without its unit",
      { ...memory, idleTtl: "30" },
      'idleTtl is "30", expected a duration such as 500ms, 30s, 15m or 2h',
    ],
    [
      "secrets that are one text",
      { ...memory, secrets: "TOKEN" },
      'secrets is "TOKEN", expected a list of environment variable names',
    ],
    [
      "a secret's value instead of its name",
      { ...memory, optionalSecrets: ["fc-123"] },
      'optionalSecrets is ["fc-123"], expected a list of environment variable names',
    ],
    [
      "an environment that is not text",
      { ...memory, env: { DEBUG: 1 } },
      'env is {"DEBUG":1}, expected texts under environment variable names',
    ],
    [
      "a secret that is in env too",
      { ...memory, secrets: ["TOKEN"], env: { TOKEN: "x" } },
      "TOKEN is in env and in secrets, expected in one of them",
    ],
    [
      "an environment of several lines",
      { ...memory, env: { MOTTO: "one\ntwo" } },
      "env MOTTO has a line break, expected a text of one line; write what has several into a file of the image, or encode it",
    ],
    [
      "an environment with a zero character",
      { ...memory, env: { MOTTO: "one\0two" } },
      "env MOTTO has a zero character (\\0), expected a text without one",
    ],
    [
      "a volume that leads elsewhere",
      { ...memory, volumes: { "/data": "../.." } },
      'volumes is {"/data":"../.."}, expected absolute paths with volume names of a-z, 0-9 and -, as in { "/data": "memory" }, not those of the proxy and its certificates (acme, certs, docker, html, nginx, vhost) nor a gateway\'s own (-state)',
    ],
    [
      "an auth that does not exist",
      { ...memory, auth: "github" },
      'auth is "github", expected one or more of bearer, verify, oauth',
    ],
    ["a limit of zero", { ...memory, maxSessions: 0 }, "maxSessions is 0, expected a whole number of at least 1"],
    ["a list that is one text", { ...memory, allowedOrigins: "*" }, 'allowedOrigins is "*", expected a list of texts'],
    [
      "an origin that no browser sends",
      { ...memory, allowedOrigins: ["https://example.org/"] },
      'allowedOrigins has "https://example.org/", expected scheme and host alone, as a browser sends them: https://example.org',
    ],
    [
      "a pattern of another kind",
      { ...memory, tools: ["read_*", "(get|set)_*"] },
      'tools has "(get|set)_*", expected names of tools such as read_* or !delete_*, with * and ? alone',
    ],
    [
      "no pattern at all",
      { ...memory, tools: [] },
      "tools is [], expected names of tools such as read_* or !delete_*, with * and ? alone; !* offers none",
    ],
    [
      "a probe that is not offered",
      { ...memory, tools: ["!read_*"], probe: { tool: "read_graph" } },
      'probe is "read_graph", expected a tool that `tools` offers',
    ],
    [
      "a number of processes where there is one for all",
      { ...memory, isolation: "shared", maxChildren: 3 },
      'maxChildren is 3, expected isolation: "session" with it',
    ],
    [
      "a probe without a tool",
      { ...memory, probe: { name: "echo" } },
      'probe is {"name":"echo"}, expected { tool: "<name>", arguments: { ... } }',
    ],
    ["a number instead of an entry", 8082, "the entry is 8082, expected { server, port, ... }"],
  ])("%s", (_what, entry, problem) => {
    expect(problemsOf({ memory: entry })).toEqual([`memory: ${problem}`]);
  });

  test.each(Object.entries(reserved))("an option that no entry can set, with the reason: %s", (option, reason) => {
    expect(problemsOf({ memory: { ...memory, [option]: "x" } })).toEqual([
      `memory: ${option} is "x", expected no such option in an entry: ${reason}`,
    ]);
  });

  test("an option that is like no other lists them all", () => {
    expect(problemsOf({ memory: { ...memory, replicas: 2 } })[0]).toMatch(
      /^memory: unknown option "replicas", expected one of server, port, hostname, /,
    );
  });

  test.each(["Memory", "my_server", "-a", "a.b", "x".repeat(51), ""])("a key that cannot be a DNS label: %j", (key) => {
    const got = JSON.stringify(key);
    expect(problemsOf({ [key]: { ...memory, hostname: "fine" } })).toEqual([
      `${key}: the key is ${got}, expected a DNS label: 1 to 50 of a-z, 0-9 and -`,
    ]);
  });
});

describe("a version that can move is refused", () => {
  const npmExpected = 'expected an exact version, as in "pkg@1.2.3"';
  const imageExpected = 'expected an image at a tag other than "latest", as in "owner/name:v1.2.3"';

  test.each(["pkg", "pkg@latest", "pkg@^1.2.3", "pkg@1.2", "@scope/pkg", "@scope/pkg@1.x", "git+https://x@1.2.3"])(
    "npm %s",
    (spec) => {
      expect(problemsOf({ memory: { server: npm(spec), port: 1 } })).toEqual([
        `memory: npm() package is "${spec}", ${npmExpected}`,
      ]);
    },
  );

  test.each(["owner/name", "owner/name:latest", "localhost:5000/name", "owner/name:"])("image %s", (ref) => {
    const entries = { one: { server: image(ref, ["/server"]), port: 1 }, two: app({ image: ref, port: 2 }) };
    expect(problemsOf(entries)).toEqual([
      `one: image() image is "${ref}", ${imageExpected}`,
      `two: app() image is "${ref}", ${imageExpected}`,
    ]);
  });

  test.each(["pkg", "pkg>=1", "pkg==", "pkg@1.2.3"])("pypi %s", (spec) => {
    expect(problemsOf({ memory: { server: pypi(spec), port: 1 } })).toEqual([
      `memory: pypi() package is "${spec}", expected an exact version, as in "pkg==1.2.3"`,
    ]);
  });
});

describe("a server that cannot be run or reached", () => {
  test("an empty command", () => {
    expect(problemsOf({ own: { server: command([]), port: 1 } })).toEqual([
      "own: command() command is [], expected a list of texts: the program, then its arguments",
    ]);
  });

  test("arguments that are one text", () => {
    expect(problemsOf({ own: { server: npm("pkg@1.2.3", "stdio" as never), port: 1 } })).toEqual([
      'own: npm() args is "stdio", expected a list of texts',
    ]);
  });

  test.each(["example.org/mcp", "ftp://example.org", ""])("the address %j", (url) => {
    expect(problemsOf({ coda: { server: http(url), port: 1 } })).toEqual([
      `coda: http() url is "${url}", expected an http:// or https:// address`,
    ]);
  });

  test("options that mean nothing there", () => {
    const upstream = { server: http("https://example.org/mcp"), port: 1, isolation: "session", maxChildren: 2 };
    const database = { ...app({ image: "postgres:17.2", port: 2 }), revive: false, logLevel: "debug" };
    expect(problemsOf({ upstream, database })).toEqual([
      'upstream: isolation is "session", expected no such option with http()',
      "upstream: maxChildren is 2, expected no such option with http()",
      "database: revive is false, expected no such option with app()",
      'database: logLevel is "debug", expected no such option with app()',
    ]);
  });
});

describe("a name that a deployment already uses is refused", () => {
  test.each(["docker", "networks", "nginx-proxy", "acme-companion", "cloudflared", "pinned"])("%s", (name) => {
    expect(problemsOf({ [name]: memory })).toEqual([
      `${name}: the key is "${name}", expected one that no part of a deployment has already`,
    ]);
  });

  test.each(["mcp", "sse", "messages", "ws", "health", "ready"])(
    "by the hub of npm start, which has a path %s",
    (name) => {
      expect(problemsOf({ [name]: memory })).toEqual([
        `${name}: the key is "${name}", expected another one: npm start has a path of that name`,
      ]);
    },
  );

  test("of a part of another service, and not of one that is not there", () => {
    const own = { ...memory, port: 1 };
    expect(problemsOf({ memory, "memory-port": own })).toEqual([
      'memory-port: the key is "memory-port", expected another one: a part of memory is called so',
    ]);
    expect(problemsOf({ memory, "other-port": own })).toEqual([]);
  });

  test("which must begin with a letter in Terraform", () => {
    expect(problemsOf({ "3d": memory })).toEqual(['3d: the key is "3d", expected one that begins with a letter']);
  });

  test.each(["acme", "certs", "docker", "html", "nginx", "vhost", "other-state"])("as a volume, too: %s", (volume) => {
    const [problem, ...others] = problemsOf({ memory: { ...memory, volumes: { "/data": volume } } });
    expect([others, problem]).toEqual([[], expect.stringContaining("nor a gateway's own (-state)")]);
  });
});

describe("two entries", () => {
  test("with one port", () => {
    expect(problemsOf({ memory, other: memory })).toEqual([
      "other: port is 8082, expected one that memory does not have",
    ]);
  });

  test("with one hostname, be it a default", () => {
    expect(problemsOf({ memory, other: { ...memory, port: 1, hostname: "memory" } })).toEqual([
      'other: hostname is "memory", expected one that memory does not have',
    ]);
  });

  test("with problems each: all are reported at once", () => {
    const entries = { memory: { ...memory, port: 0 }, other: { ...memory, server: npm("pkg"), serial: 1 } };
    expect(() => defineServices(entries as never)).toThrow(
      [
        "the catalog (stacks/services.ts) has 3 problems:",
        "  memory: port is 0, expected a whole number from 1 to 65535",
        "  other: serial is 1, expected true or false",
        '  other: npm() package is "pkg", expected an exact version, as in "pkg@1.2.3"',
      ].join("\n"),
    );
  });
});

describe("an app()", () => {
  const database = {
    image: "postgres:18.4",
    port: 5432,
    secrets: ["PASSWORD"],
    public: false,
    network: "own",
  } as const;
  const other = { ...database, port: 5433 };

  test("takes a command, a user, a health check, secrets as variables, a network of its own and no public name", () => {
    const entries = {
      one: app({
        ...database,
        secretsAs: "variables",
        command: ["/entrypoint.sh", "serve"],
        user: "1000:1000",
        healthcheck: { test: ["pg_isready"], interval: "30s", retries: 5 },
      }),
      two: app({ image: "n8nio/n8n:2.41.3", port: 1, healthcheck: { path: "/healthz", startPeriod: "2m" } }),
    };
    expect(problemsOf(entries)).toEqual([]);
  });

  test.each<[what: string, options: Record<string, unknown>, problem: string]>([
    [
      "a command that is one text",
      { command: "serve" },
      'app() command is "serve", expected a list of texts: the program, then its arguments',
    ],
    ["an empty user", { user: "" }, 'app() user is "", expected a user of the image, as in "node" or "1000:1000"'],
    ["a public that is a text", { public: "no" }, 'app() public is "no", expected true or false'],
    ["a network by its name", { network: "syncbricks" }, 'app() network is "syncbricks", expected "shared" or "own"'],
    [
      "a health check that checks nothing",
      { healthcheck: { interval: "30s" } },
      'app() healthcheck is {"interval":"30s"}, expected { test: ["pg_isready"] } or { path: "/healthz" }, with interval, timeout and startPeriod such as "30s"',
    ],
    [
      "a path that would be another command",
      { healthcheck: { path: "/x'; rm -rf /'" } },
      `app() healthcheck is {"path":"/x'; rm -rf /'"}, expected { test: ["pg_isready"] } or { path: "/healthz" }, with interval, timeout and startPeriod such as "30s"`,
    ],
    ["an option with a slip", { comand: ["x"] }, 'unknown option "comand", expected "command"'],
    [
      "a network of its own that the proxy would have to be on",
      { public: true },
      'network is "own", expected public: false with it: the proxy is not on that network',
    ],
    ["a host name that nothing uses", { hostname: "db" }, 'hostname is "db", expected none with public: false'],
    [
      "a Prometheus that all the world may ask",
      { public: true, network: "shared", monitoring: "prometheus" },
      'monitoring is "prometheus", expected public: false with it: it asks nobody for a login',
    ],
    [
      "a network of its own for what has those of monitoring",
      { monitoring: "grafana" },
      'network is "own", expected none with monitoring: that has networks of its own',
    ],
    [
      "files that could not be written",
      { network: "shared", monitoring: "grafana", readOnly: true },
      "readOnly is true, expected false with monitoring: its files could not be written",
    ],
    [
      "variables of no secret",
      { secrets: [], secretsAs: "variables", command: ["x"] },
      'secretsAs is "variables", expected secrets with it',
    ],
    [
      "variables without the program that is to have them",
      { secretsAs: "variables" },
      'secretsAs is "variables", expected command with it: the whole command line, because the shell that sets the variables takes the place of the image\'s ENTRYPOINT',
    ],
  ])("with a mistake: %s", (_what, options, problem) => {
    expect(problemsOf({ database: app({ ...database, ...options }) })).toEqual([`database: ${problem}`]);
  });

  test("alone has these options", () => {
    expect(problemsOf({ memory: { ...memory, public: false, user: "node" } })).toEqual([
      "memory: public is false, expected an app() with it",
      'memory: user is "node", expected an app() with it',
    ]);
  });

  test("has no DNS name where it is not public, so another entry may have that one", () => {
    expect(problemsOf({ database: app(database), memory: { ...memory, hostname: "database" } })).toEqual([]);
  });

  test("can be reached where it has a network of its own, and not by itself", () => {
    const expected = 'expected an app() with network: "own"';
    expect(problemsOf({ database: app(database), memory: { ...memory, reaches: ["database"] } })).toEqual([]);
    expect(
      problemsOf({
        database: app({ ...database, reaches: ["database"] }),
        other: app({ ...other, network: "shared" }),
        memory: { ...memory, reaches: ["databse", "other", "nobody"] },
      }),
    ).toEqual([
      `database: reaches is "database", ${expected}`,
      `memory: reaches is "databse", ${expected}, as database is`,
      `memory: reaches is "other", ${expected}`,
      `memory: reaches is "nobody", ${expected}`,
    ]);
  });
});

describe("the name of a container", () => {
  const own = { ...memory, port: 1 };

  test("is one entry's alone, also where it ends in -mcp already", () => {
    expect(problemsOf({ memory, "memory-mcp": own })).toEqual([
      'memory-mcp: the name of its container is "memory-mcp-gateway", expected one that memory does not have',
    ]);
    expect(problemsOf({ memory, "memory-mcp-gateway": app({ image: "a:1", port: 1 }) })).toEqual([
      'memory-mcp-gateway: the name of its container is "memory-mcp-gateway", expected one that memory does not have',
    ]);
  });

  test("of an app is its key, so a service in front of it may be called after it", () => {
    expect(problemsOf({ postgres: app({ image: "postgres:18.4", port: 1 }), "postgres-mcp": memory })).toEqual([]);
  });
});

test("an entry that is optional names the secrets that ask for it", () => {
  expect(problemsOf({ memory: { ...memory, optional: true } })).toEqual([
    "memory: optional is true, expected secrets with it: they decide whether it is deployed",
  ]);
});

test("no secret is called like a variable that the gateway reads, in whichever spelling", () => {
  const names = Object.values(allOptions).map(({ env }) => env);
  expect(names).toEqual(expect.arrayContaining(["AUTH_SECRET", "AUTH_ISSUER", "PORT", "SESSION_SECRET"]));
  for (const name of [...names, "AUTH_SECRET_FILE"])
    for (const list of ["secrets", "optionalSecrets"])
      expect(findProblems({ memory: { ...memory, [list]: [name] } }), name).toContain(
        `memory: the secret is "${name}", expected another name: the gateway reads this variable itself`,
      );
  const own = { server: { kind: "app", image: "example/app:1", port: 80, user: "1:1" }, port: 80, memory: 64 };
  expect(findProblems({ web: { ...own, secrets: ["AUTH_SECRET"] } }).join()).not.toContain("reads this variable");
});
