/** The page of a deployment: an entry of the catalog like any other, whose gateway shows its members. */
import { expect, test } from "vitest";
import { defineServices } from "./catalog/define.ts";
import type { ServiceEntry } from "./catalog/entry.ts";
import { group } from "./catalog/kinds/group.ts";
import { http } from "./catalog/kinds/http.ts";
import { synthesizeLocal, synthToken } from "./fixtures/synth.ts";
import { secretsOf } from "./secrets.ts";
import { readSettings } from "./settings.ts";
import { serviceToken } from "./tokens.ts";

const entries = {
  notes: { server: http("https://example.org/mcp"), port: 8081 },
  status: { server: group(["notes"]), port: 3009 },
} satisfies Record<string, ServiceEntry>;

const local = synthesizeLocal(entries, {});
const settings = readSettings([], { env: { MCP_BEARER_TOKEN: synthToken }, file: "/nowhere" });
const services = defineServices(entries);

test("is at a host name of its own, and asks its members", () => {
  expect(local.resource("status/container")["env"]).toEqual(
    expect.arrayContaining([
      "VIRTUAL_HOST=status.localhost",
      "VIRTUAL_PORT=3009",
      "SERVER_GROUP=notes=http://notes-mcp-gateway:8081/mcp",
      "SERVER_TOKEN_FILE=/run/gangway/SERVER_TOKEN",
    ]),
  );
});

test("opens with its own token, which is the one that its gateway calls the members with", () => {
  const given = secretsOf(services.status, settings, "local");
  expect(given.get("SERVER_TOKEN")).toBe(serviceToken(synthToken, "status"));
  const [, own] = given.get("MCP_TOKEN_DIGESTS")!.split("\n");
  expect(own).toMatch(/^[\da-f]{64}$/);
  expect(secretsOf(services.notes, settings, "local").get("MCP_TOKEN_DIGESTS")!.split("\n")).toContain(own);
});
