import { beforeAll, describe, expect, test } from "vitest";
import { installed } from "./gateway.ts";
import { met, requirements, settings } from "./scenarios.ts";
import { isPassed, runSetting, type SuiteRun } from "./suite.ts";

test("the suite scores 30 scenarios of 2025-11-25, and 37 of 2026-07-28", () => {
  expect(Object.values(requirements).map(({ scored }) => new Set(scored).size)).toEqual([30, 37]);
});

const titled = settings.map(
  (setting) =>
    [
      `${setting.revision}, in front of a ${setting.child} server${setting.connects ? ", through connect" : ""}`,
      setting,
    ] as const,
);

describe.skipIf(!installed).each(titled)("%s", (_, setting) => {
  const { revision, unmet, extra } = setting;
  const { scored, notScored } = requirements[revision];
  let suite: SuiteRun;

  beforeAll(async () => (suite = await runSetting(setting)));

  /** The suite's objections to a scenario. */
  const complaints = (scenario: string) =>
    suite.scenarios.get(scenario)?.filter(({ status }) => status === "FAILURE" || status === "WARNING");

  test("the suite runs these scenarios and no others", () => {
    expect([...suite.scenarios.keys()].toSorted()).toEqual([...scored, ...notScored].toSorted());
  });

  test("the suite ends with success where every scored scenario passes", () => {
    expect(suite.exitCode === 0).toBe(met(setting).length === scored.length);
  });

  test.each(met(setting))("passes %s", (scenario) => {
    expect(complaints(scenario)).toEqual([]);
    expect(isPassed(suite.scenarios.get(scenario))).toBe(true);
  });

  test.each(extra)("has no objection to %s, which is not scored", (scenario) => {
    expect(complaints(scenario)?.filter(({ status }) => status === "FAILURE")).toEqual([]);
  });

  // A scenario that passes must leave this list.
  test.each(unmet)("does not pass %s", (scenario) => {
    expect(isPassed(suite.scenarios.get(scenario))).toBe(false);
  });
});
