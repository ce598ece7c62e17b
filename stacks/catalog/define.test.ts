import { describe, expect, test } from "vitest";
import { defineServices } from "./define.ts";
import { pickServices } from "./pick.ts";
import { gatewayValues } from "./gateway-options.ts";
import { app } from "./kinds/app.ts";
import { command } from "./kinds/command.ts";
import { group } from "./kinds/group.ts";
import { http } from "./kinds/http.ts";
import { image } from "./kinds/image.ts";
import { npm } from "./kinds/npm.ts";
import { pypi } from "./kinds/pypi.ts";
import { sse } from "./kinds/sse.ts";

const memory = { server: npm("server-memory@1.2.3"), port: 8082 };

describe("a good entry", () => {
  test("gets its name and every default", () => {
    expect(defineServices({ memory }).memory).toEqual({
      name: "memory",
      acceptServiceToken: false,
      hostname: "memory",
      server: { kind: "npm", package: "server-memory@1.2.3", args: [] },
      port: 8082,
      secrets: [],
      groups: [],
      optionalSecrets: [],
      optional: false,
      reaches: [],
      egress: "any",
      env: {},
      volumes: {},
      memory: 512,
    });
  });

  test("leaves what it does not say of its gateway to the gateway", () => {
    expect(gatewayValues(defineServices({ memory }).memory)).toEqual({});
  });

  test("keeps what it says, and its probe needs no arguments", () => {
    const entry = { ...memory, hostname: "brain", isolation: "shared", serial: true, probe: { tool: "read" } } as const;
    expect(defineServices({ memory: entry }).memory).toMatchObject({
      hostname: "brain",
      isolation: "shared",
      serial: true,
      probe: { tool: "read", arguments: {} },
    });
  });

  test("has the probe that a client has to make when its tools are found by a search", () => {
    const entry = { ...memory, discovery: "search", probe: { tool: "read", arguments: { id: 7 } } } as const;
    const call = { tool: "call_tool", arguments: { name: "read", arguments: { id: 7 } } };
    expect(defineServices({ memory: entry }).memory.probe).toEqual(call);
  });

  test("may come from every kind of server", () => {
    const kinds = {
      scoped: { server: npm("@scope/pkg@1.2.3-beta.1"), port: 1 },
      python: { server: pypi("pkg[extra]==0.12.3"), port: 2 },
      own: { server: command(["node", "server.js"]), port: 3 },
      binary: { server: image("localhost:5000/owner/name:v1", ["/server"]), port: 4 },
      digest: { server: image(`ghcr.io/owner/name@sha256:${"0".repeat(64)}`, ["/server"]), port: 5 },
      upstream: { server: http("https://example.org/mcp"), port: 6 },
      older: { server: sse("http://localhost:9000/sse"), port: 7 },
      team: { server: group(["scoped", "python", "upstream", "older"]), port: 8, probe: { tool: "older_read" } },
      database: app({ image: "postgres:17.2", port: 5432, volumes: { "/var/lib/postgresql/data": "pg" } }),
    };
    expect(Object.keys(defineServices(kinds))).toEqual(Object.keys(kinds));
  });
});

test("a service knows the groups that it is in", () => {
  const entries = {
    memory,
    own: { ...memory, port: 1 },
    team: { server: group(["memory", "own"]), port: 2 },
    other: { server: group(["memory"]), port: 3 },
  };
  const { memory: both, own: one, team } = defineServices(entries);
  expect([both, one, team].map(({ groups }) => groups)).toEqual([["team", "other"], ["team"], []]);
});

describe("picking services", () => {
  const services = defineServices({ memory, files: { ...memory, port: 8085 }, everything: { ...memory, port: 8086 } });
  const names = (picked: readonly string[]) => pickServices(services, picked).map(({ name }) => name);

  test("none named means all", () => expect(names([])).toEqual(["memory", "files", "everything"]));

  test("they come in the catalog's order, each once", () =>
    expect(names(["everything", "memory", "memory"])).toEqual(["memory", "everything"]));

  test("an unknown name gets the nearest one and the list", () =>
    expect(() => names(["memry"])).toThrow(
      'no service is called "memry". Did you mean "memory"? There are: memory, files, everything.',
    ));

  test("a name that is like no other gets the list", () =>
    expect(() => names(["constructor"])).toThrow(
      'no service is called "constructor". There are: memory, files, everything.',
    ));
});
