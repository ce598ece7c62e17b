/** The conformance suite's own scenarios for authorization servers, against ours. */
import { describe, expect, test } from "vitest";
import { Browser, OAuthClient } from "../../../auth-server/fixtures/client.ts";
import { startAuth } from "../../../auth-server/fixtures/server.ts";
import { freePort } from "../../kit/ports.ts";
import { installed } from "./gateway.ts";
import { isPassed, runAuthorization } from "./suite.ts";

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

/** Goes through the login, and back to whoever asked for it. */
async function logIn(issuer: string, url: string): Promise<void> {
  const back = await new Browser(issuer).visit(url);
  await fetch(back.headers.get("location")!);
}
