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

test("a service with logins is shown as a URL alone to clients that log in, and with its address for tokens to the others", async () => {
  const keyUrl = "https://brave-search-key.example.org/mcp";
  const both = await textOf({ hasLogin: true, keyUrl });
  expect(both).toContain("opens your browser");
  expect(both).toContain(
    "claude mcp add --transport http --scope user brave-search https://brave-search.example.org/mcp<",
  );
  expect(both).toContain(`curl -si ${keyUrl}`);
  const alone = await textOf({ hasLogin: true });
  expect(alone).toContain("You log in: a client that knows OAuth needs the URL alone");
  expect(alone).not.toMatch(/GANGWAY_TOKEN|gangway token/);
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
