import { expect, test } from "vitest";
import { defineServices } from "../../stacks/catalog/define.ts";
import { app } from "../../stacks/catalog/kinds/app.ts";
import { command } from "../../stacks/catalog/kinds/command.ts";
import { group } from "../../stacks/catalog/kinds/group.ts";
import { readSettings } from "../../stacks/settings.ts";
import { introspectionSecret, serviceToken } from "../../stacks/tokens.ts";
import { loginOptions, loginOptionsOfHub, loginSecrets, resourcesHere, tokensHere, withLogins } from "./logins.ts";

const MASTER = "0123456789abcdef0123456789abcdef";

const all = Object.values(
  defineServices({
    open: { server: command(["./server"]), port: 1001 },
    "log-in": { server: command(["./server"]), port: 1002, auth: "oauth" },
    both: { server: command(["./server"]), port: 1003, auth: ["oauth", "bearer"] },
    theirs: { server: command(["./server"]), port: 1004, auth: "oauth", authIssuer: "https://login.example.org" },
    team: { server: group(["log-in", "both"]), port: 1005, auth: "oauth" },
  }),
);
const named = (name: string) => all.find((service) => service.name === name)!;

const settingsWith = (env: Readonly<Record<string, string>> = {}) =>
  readSettings(all, { env: { MCP_BEARER_TOKEN: MASTER, ...env }, file: "/nowhere/.env" });

test("a service with logins is told its URL as it is printed, its issuer, and the variable of its own secret", () => {
  const settings = settingsWith({ PORT_BOTH: "2003", AUTH_PORT: "9078" });
  expect(loginOptions(named("open"), settings)).toEqual({});
  expect(loginOptions(named("both"), settings)).toEqual({
    publicUrl: "http://127.0.0.1:2003/mcp",
    authIssuer: "http://127.0.0.1:9078",
    authSecret: "${INTROSPECTION_SECRET_BOTH}",
  });
  expect(loginSecrets(all, settings)["INTROSPECTION_SECRET_LOG_IN"]).toBe(introspectionSecret(MASTER, "log-in"));
});

test.each(["bearer", "oauth", "oauth,bearer", "verify"])(
  "AUTH=%s is not for an app(), which has no gateway",
  (auth) => {
    const { desk } = defineServices({ desk: app({ image: "desk:1", port: 1006 }) });
    expect(loginOptions(desk, settingsWith({ AUTH: auth }))).toEqual({ auth: "bearer" });
  },
);

test("with an issuer of one's own a service needs its URL alone, and no authorization server of ours", () => {
  const settings = settingsWith();
  expect(loginOptions(named("theirs"), settings)).toEqual({ publicUrl: "http://127.0.0.1:1004/mcp" });
  expect(withLogins(all, settings).map(({ name }) => name)).toEqual(["log-in", "both", "team"]);
  expect(withLogins(all, settingsWith({ AUTH_ISSUER: "https://login.example.org" }))).toEqual([]);
  expect(loginSecrets([named("theirs"), named("open")], settings)).toEqual({});
});

test("the authorization server knows each service at its port and on the hub, and which groups it is in", () => {
  const [logIn, , team] = resourcesHere(all, settingsWith());
  const urls = ["http://127.0.0.1:1002/mcp", "http://127.0.0.1:3000/log-in/mcp"];
  expect(logIn).toMatchObject({ service: "log-in", urls, groups: ["team"] });
  expect(team).toMatchObject({ service: "team", groups: [] });
  expect(JSON.stringify(resourcesHere(all, settingsWith()))).not.toContain(introspectionSecret(MASTER, "both"));
});

test("all services as one have logins where every service has them that says nothing else", () => {
  expect(loginOptionsOfHub(all, settingsWith())).toEqual({ keyPort: 4000 });
  const settings = settingsWith({ AUTH: "oauth" });
  expect(loginOptionsOfHub(all, settings)).toEqual({
    keyPort: 4000,
    publicUrl: "http://127.0.0.1:3000/mcp",
    authIssuer: "http://127.0.0.1:8078",
    authSecret: "${INTROSPECTION_SECRET_HUB}",
  });
  expect(resourcesHere(all, settings).at(-1)).toMatchObject({ service: "hub", urls: ["http://127.0.0.1:3000/mcp"] });
  expect(loginOptionsOfHub([named("open")], settingsWith())).toEqual({});
});

test("tokens open what takes them beside logins, and what has no logins, as ever", () => {
  expect(tokensHere(named("both"), settingsWith())).toEqual([MASTER]);
  const none = readSettings(all, { env: {}, file: "/nowhere/.env" });
  expect(tokensHere(named("open"), none)).toEqual([]);
  expect(serviceToken(MASTER, "both")).toMatch(/^gw_both_/);
});
