import { describe, expect, test } from "vitest";
import { deployEnvironment, stacksOf } from "./stacks.ts";

describe("the stacks to deploy", () => {
  test("come in the order of their dependencies", () => {
    expect(stacksOf(["services", "edge"], "deploy")).toEqual(["edge", "services"]);
  });

  test("must be named", () => {
    expect(() => stacksOf([], "plan")).toThrow("expected a stack, as in: npx gangway plan local");
  });

  test("that do not exist are named, with those that do", () => {
    expect(() => stacksOf(["local", "loca"], "deploy")).toThrow(
      'no stack is called "loca". Did you mean "local"? There are: local, edge, services.',
    );
  });
});

test("a deploy has our environment, and Terraform does not look for updates", () => {
  expect(deployEnvironment({ env: { PATH: "/bin", DIGITALOCEAN_TOKEN: "x" } })).toMatchObject({
    PATH: "/bin",
    DIGITALOCEAN_TOKEN: "x",
    CHECKPOINT_DISABLE: "1",
  });
});
