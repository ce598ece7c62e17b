import { expect, test } from "vitest";
import { isEmpty, readChanges, summarize } from "./changes.ts";

const change = (address: string, actions: string[], secret = "s3cret") => ({
  address,
  change: { actions, before: { token: secret }, after: { token: secret } },
});

test("a summary names the change of each resource, and no values", () => {
  const json = {
    resource_changes: [
      change("a.one", ["create"]),
      change("a.two", ["update"]),
      change("a.three", ["create", "delete"]),
      change("a.four", ["delete", "create"]),
      change("a.five", ["delete"]),
      change("a.six", ["no-op"]),
      change("a.seven", ["read"]),
    ],
  };
  const text = summarize(readChanges("services", json));
  expect(text.split("\n")).toEqual([
    "### services: 1 to create, 1 to change, 2 to replace, 1 to destroy",
    "```diff",
    "+ a.one",
    "~ a.two",
    "± a.three",
    "± a.four",
    "- a.five",
    "```",
  ]);
  expect(text).not.toContain("s3cret");
});

test("a pin that is set or removed is named, too", () => {
  const changes = readChanges("services", {
    output_changes: { pinned: { actions: ["create"], after: "s3cret" }, host: { actions: ["create"] } },
  });
  expect(isEmpty(changes)).toBe(false);
  expect(summarize(changes)).toBe(
    "### services: 1 to create, 0 to change, 0 to replace, 0 to destroy\n```diff\n+ output.pinned\n```",
  );
});

test("a plan without changes says so", () => {
  const changes = readChanges("edge", { resource_changes: [change("a.one", ["no-op"])] });
  expect(isEmpty(changes)).toBe(true);
  expect(summarize(changes)).toBe("### edge: no changes");
  expect(isEmpty(readChanges("edge", {}))).toBe(true);
});

const env = (digest: string) => ["SERVICE_NAME=mail", `REVIEWED_TOOLS=send=${digest.repeat(22)}`, "KEY=s3cret"];

test("a container whose reviewed tools change is told in words, and without its other variables", () => {
  const json = {
    resource_changes: [
      { address: "a.mail", change: { actions: ["update"], before: { env: env("a") }, after: { env: env("b") } } },
      { address: "a.other", change: { actions: ["create"], before: null, after: { env: "s3cret" } } },
    ],
  };
  const text = summarize(readChanges("services", json));
  expect(text.split("\n")).toContain("! mail: reviewed tools: send (changed)");
  expect(text).not.toContain("s3cret");
});
