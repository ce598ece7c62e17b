import { describe, expect, test } from "vitest";
import { destinationProblems } from "./check-egress.ts";
import { fullDestination, splitDestination } from "./destinations.ts";
import { problemsOf } from "./fixtures/problems.ts";
import { findProblems } from "./check.ts";
import { app } from "./kinds/app.ts";
import { group } from "./kinds/group.ts";
import { http } from "./kinds/http.ts";
import { npm } from "./kinds/npm.ts";

const memory = { server: npm("server-memory@1.2.3"), port: 8082 };
const database = app({ image: "postgres:18.4", port: 5432, public: false, network: "own" });

const problems = (entry: object) => findProblems({ memory: entry });

const listing = (egress: string[], reaches: string[] = []) =>
  problemsOf({ database, other: { ...memory, port: 1 }, memory: { ...memory, egress, reaches } });

describe("what a server may reach", () => {
  test.each([
    "any",
    "none",
    ["api.example.com"],
    ["api.example.com:8443", "api.example.com", "nas", "_srv.x-y.example:5432", "1password.com", "4.example"],
  ])("may be %j", (egress) => {
    expect(problems({ ...memory, egress })).toEqual([]);
  });

  test.each([
    ["all", /egress is "all", expected "any", "none", or a list of hosts/],
    [[443], /egress is \[443\], expected "any", "none", or a list/],
    [[], /egress is \[\], expected "none", or a host/],
    [["https://api.example.com"], /expected a host without scheme and path/],
    [["api.example.com/v1"], /expected a host without scheme and path/],
    [["*.example.com"], /expected each host by its whole name: with a wildcard, .*npx gangway doctor --egress/],
    [["10.0.0.5:5432"], /expected a name: what is connected to by its address needs egress: "any"/],
    [["192.0.2.1"], /expected a name/],
    [["fd00::1"], /expected a name/],
    [["[fd00::1]:443"], /expected a name/],
    [["API.example.com"], /expected a name of a-z/],
    [["api..example.com"], /expected a name of a-z/],
    [["-a.example"], /expected a name of a-z/],
    [["a b"], /expected a name of a-z/],
    [["api.example.com\nserver x"], /expected a name of a-z/],
    [['a"b'], /expected a name of a-z/],
    [[""], /expected a name of a-z/],
    [[":443"], /expected a name of a-z/],
    [["api.example.com:"], /expected a port from 1 to 65535/],
    [["api.example.com:0"], /expected a port/],
    [["api.example.com:65536"], /expected a port/],
    [["api.example.com:http"], /expected a port/],
    [["api.example.com:443:1"], /expected a port/],
    [[`${"a".repeat(40)}.${"b".repeat(30)}`], /expected a name of 70 characters at most/],
    [["api.example.com", "api.example.com:443"], /egress has "api.example.com:443", expected each host and port once/],
  ])("may not be %j", (egress, problem) => {
    expect(problems({ ...memory, egress }).join("\n")).toMatch(problem);
  });

  test.each([http("https://example.org/mcp"), group(["x"]), database.server])("is nothing that $kind has", (server) => {
    expect(problems({ server, port: 1, egress: "none" }).join("\n")).toContain("egress");
  });

  test("a part of the deployment is reached by `reaches`, once", () => {
    expect(listing(["database.example"], ["database"])).toEqual([]);
    expect(listing(["database:5432"])).toEqual([expect.stringContaining('reaches: ["database"] opens')]);
    expect(listing(["database:5432"], ["database"])).toEqual([expect.stringContaining("in reaches alone")]);
    expect(listing(["other-mcp-gateway:1"])).toEqual([expect.stringContaining("other is a part of this deployment")]);
  });

  test("no text that is accepted has anything in it that a configuration would read, and all of it is heard", () => {
    const letters = "ab19.-_:*/ \n\"'\\#{}$%@".split("");
    const longer = (texts: readonly string[]) => texts.flatMap((text) => letters.map((letter) => text + letter));
    const three = longer(longer(letters));
    const accepted = three.filter((text) => destinationProblems([text]).length === 0);
    for (const text of [...accepted, "a.example", "a.example:5432"]) {
      const { host, port } = splitDestination(text);
      expect(host).toMatch(/^[a-z0-9._-]+$/);
      expect(fullDestination(text)).toBe(text.includes(":") ? text : `${text}:${port}`);
    }
  });
});
