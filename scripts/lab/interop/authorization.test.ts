/** The conformance suite's own scenarios for authorization servers, against ours. */
import { describe, expect, test } from "vitest";
import { Browser, OAuthClient } from "../../../auth-server/fixtures/client.ts";
import { startAuth } from "../../../auth-server/fixtures/server.ts";
import { freePort } from "../../kit/ports.ts";
import { installed } from "./gateway.ts";
import { words } from "./servers.ts";
import { isPassed, runAuthorization, runClient } from "./suite.ts";

const scenarios = ["authorization-server-metadata-endpoint", "authorization-code-grant"];

describe.skipIf(!installed)("the suite's client of an authorization server", () => {
  test.for([
    { named: "names the service", resource: "https://memory.example.org/mcp" },
    { named: "leaves it to the server, which has only one", resource: undefined },
  ])("logs in without an objection when it $named", async ({ resource }) => {
    const { issuer } = await startAuth();
    const port = await freePort();
    const client = new OAuthClient(issuer);
    client.redirect = `http://127.0.0.1:${port}/callback`;
    await client.register();
    const run = await runAuthorization({ issuer, clientId: client.id, port, resource }, (url) => logIn(issuer, url));
    expect([...run.scenarios.keys()].toSorted()).toEqual(scenarios.toSorted());
    expect([...run.scenarios].filter(([, checks]) => !isPassed(checks))).toEqual([]);
    expect(run.exitCode).toBe(0);
  });
});

/** What both revisions ask of a client that logs in. */
const ofBoth = words(`
  auth/metadata-default auth/metadata-var1 auth/metadata-var2 auth/metadata-var3 auth/basic-cimd
  auth/scope-from-www-authenticate auth/scope-from-scopes-supported auth/scope-omitted-when-undefined auth/scope-step-up
  auth/scope-retry-limit auth/token-endpoint-auth-basic auth/token-endpoint-auth-post auth/token-endpoint-auth-none
  auth/pre-registration
`);

const ofNew = words(`
  auth/resource-mismatch auth/offline-access-scope auth/offline-access-not-supported auth/authorization-server-migration
  auth/iss-supported auth/iss-not-advertised auth/iss-supported-missing auth/iss-wrong-issuer auth/iss-unexpected
  auth/iss-normalized auth/metadata-issuer-mismatch
`);

// The suite brings an authorization server for these, so they cannot be run against ours. They show that the client with which
// oauth.test.ts logs in to ours is one that the suite has no objection to.
describe.skipIf(!installed)("the suite's scenarios of logins, with the client that logs in to our server", () => {
  test.for([
    { generation: "v1", revision: "2025-11-25", scenarios: ofBoth },
    { generation: "v2", revision: "2025-11-25", scenarios: ofBoth },
    { generation: "v2", revision: "2026-07-28", scenarios: [...ofBoth, ...ofNew] },
  ])("SDK $generation passes those of $revision", async ({ generation, revision, scenarios: named }) => {
    const { scenarios: ran } = await runClient(generation, revision);
    const failed = named.filter((scenario) => !isPassed(ran.get(scenario)));
    expect(failed.map((scenario) => [scenario, ran.get(scenario)])).toEqual([]);
  });
});

/** Goes through the login, and back to whoever asked for it. */
async function logIn(issuer: string, url: string): Promise<void> {
  const back = await new Browser(issuer).visit(url);
  await fetch(back.headers.get("location")!);
}
