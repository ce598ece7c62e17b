import { expect, test } from "vitest";
import { nameOf } from "./name.ts";

test.each(["my-servers", "a", "2fast", "a.b_c", "x".repeat(214)])(
  "a folder called %s gives the project its name",
  (name) => {
    expect(nameOf(`/home/me/${name}`, undefined)).toBe(name);
  },
);

test("a name that is given wins over the folder's, and may have a scope", () => {
  expect(nameOf("/home/me/My Servers", "@me/servers")).toBe("@me/servers");
});

test.each([
  ["My Servers", "my-servers"],
  [".hidden", "hidden"],
  ["_private", "private"],
  ["-dash", "dash"],
  ["serveurs d'été", "serveurs-d-t"],
  ["日本", "my-servers"],
  ["", "my-servers"], // the root of the file system
  ["gangway-mcp", "my-servers"],
  ["node_modules", "my-servers"],
  ["x".repeat(215), "x".repeat(100)],
])("%s is no name for a package: the message has one that is", (name, suggestion) => {
  expect(() => nameOf(`/${name}`, undefined)).toThrow(`--name ${suggestion}`);
});
