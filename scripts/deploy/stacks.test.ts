import { describe, expect, test } from "vitest";
import { deployEnvironment, stacksOf } from "./stacks.ts";

describe("the stacks to deploy", () => {
  test("come in the order in which they depend on each other", () => {
    expect(stacksOf(["services", "edge"])).toEqual(["edge", "services"]);
  });

  test("must be named: none means none", () => {
    expect(() => stacksOf([])).toThrow("expected the stacks to deploy, as in: npm run deploy -- local");
  });

  test("that are not there are named, with those that are", () => {
    expect(() => stacksOf(["local", "loca"])).toThrow('there is no stack "loca". There are: local, edge, services');
  });
});

test("a deploy has our environment, and asks nobody for news", () => {
  expect(deployEnvironment({ env: { PATH: "/bin", DIGITALOCEAN_TOKEN: "x" } })).toMatchObject({
    PATH: "/bin",
    DIGITALOCEAN_TOKEN: "x",
    CHECKPOINT_DISABLE: "1",
  });
});
