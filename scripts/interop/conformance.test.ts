import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installed, onNode, startGateway, type Gateway } from "./gateway.ts";
import { words } from "./servers.ts";
import { runSuite, type SuiteRun } from "./suite.ts";

// By name, so that a scenario which the suite no longer runs is missed.
const scored = words(`
  server-initialize logging-set-level ping completion-complete tools-list tools-call-simple-text tools-call-image
  tools-call-audio tools-call-embedded-resource tools-call-mixed-content tools-call-with-logging tools-call-error
  tools-call-with-progress tools-call-sampling tools-call-elicitation elicitation-sep1034-defaults
  server-sse-multiple-streams elicitation-sep1330-enums resources-list resources-read-text resources-read-binary
  resources-templates-read resources-subscribe resources-unsubscribe prompts-list prompts-get-simple
  prompts-get-with-args prompts-get-embedded-resource prompts-get-with-image dns-rebinding-protection
`);
const notScored = ["server-session-lifecycle", "json-schema-2020-12", "server-sse-polling"];

describe.skipIf(!installed)("the conformance suite with the 2025-11-25 requirements", () => {
  let gateway: Gateway;
  let suite: SuiteRun;

  beforeAll(async () => {
    gateway = await startGateway(onNode("gateways/fixtures/conformance-server.ts"));
    suite = await runSuite(gateway.url, "2025-11-25");
  });
  afterAll(() => gateway?.stop());

  test("ends with success", () => {
    expect(suite.exitCode).toBe(0);
  });

  test("runs the 30 scored scenarios and the three others, and no more", () => {
    expect(scored).toHaveLength(30);
    expect([...suite.scenarios.keys()].toSorted()).toEqual([...scored, ...notScored].toSorted());
  });

  test.each(scored)("passes %s", (scenario) => {
    const checks = suite.scenarios.get(scenario) ?? [];
    expect(checks.filter(({ status }) => status === "FAILURE" || status === "WARNING")).toEqual([]);
    expect(checks.filter(({ status }) => status === "SUCCESS")).not.toEqual([]);
  });

  test.each(notScored)("has nothing against %s, which is not scored", (scenario) => {
    const checks = suite.scenarios.get(scenario);
    expect(checks?.filter(({ status }) => status === "FAILURE")).toEqual([]);
  });
});
