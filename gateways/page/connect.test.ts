import { expect, test } from "vitest";
import { variableOf } from "../../templates/clients/variable.ts";
import { connectSection } from "./connect.ts";
import type { ServiceStatus } from "./status.ts";
import { htmlOf } from "./view/markup.ts";

const service = (differing: Partial<ServiceStatus>): ServiceStatus => ({
  name: "brave-search",
  state: "up",
  url: "https://brave-search.example.org/mcp",
  asksForToken: true,
  mayCall: false,
  ...differing,
});

const textOf = async (differing: Partial<ServiceStatus> = {}) => htmlOf(await connectSection(service(differing)));

test("the token is read from the variable that `gangway clients` names, too", async () => {
  const text = await textOf();
  expect(text).toContain(`\${${variableOf("brave-search")}}`);
  const named = new Set(text.match(/\b[A-Z][A-Z0-9]*_TOKEN\w*|\bGANGWAY_TOKEN\w*/g));
  expect([...named]).toEqual(["GANGWAY_TOKEN_BRAVE_SEARCH"]);
});

test("where no token is asked for, none is named", async () => {
  expect(await textOf({ asksForToken: false })).not.toMatch(/TOKEN/);
});

test.each(["$(reboot)", "a b", "`x`", "../..", "<b>"])(
  "a name that a shell could misread is in no line to copy: %s",
  async (name) => {
    const text = await textOf({ name, asksForToken: false, url: "https://example.org/mcp" });
    expect(text).not.toContain(name);
  },
);
