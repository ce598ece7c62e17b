/** Every page of a login, on a large and on a small screen, in light and in dark: each is accessible, and fits. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { describeLogins, expectAccessible, logIn } from "../fixtures/login-in-chromium.ts";
import { addUser, registered, startLogin, waitForUser } from "../fixtures/login-server.ts";
import { OIDC_CLIENT } from "../fixtures/second-provider.ts";
import { OidcUpstream } from "./upstream/oidc.ts";

/** Where pictures of the pages are kept; undefined = nowhere. */
const pictures = process.env["GANGWAY_PAGE_PICTURES"];

/** Markup, a text that turns the reading direction, and 10 kB. */
const NAMES = {
  markup: `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`,
  turned: "\u202eedualC \u2066",
  long: "Claude".repeat(2_000),
};

async function begin(clientName: string) {
  const upstream = new OidcUpstream({ issuer: "https://login.example.org", ...OIDC_CLIENT });
  const { issuer, users } = await startLogin({ upstream });
  await addUser(users);
  const bob = await addUser(users, { name: "bob", totp: true });
  const link = `${issuer}/login/password/${await users.newLink(bob.id)}`;
  const { redirect } = await waitForUser();
  const client = await registered(issuer, redirect, { client_name: clientName });
  return { issuer, link, url: client.authorizeUrl() };
}

const open = async (page: Page, url: string): Promise<void> => void (await page.goto(url));

describeLogins("every page of a login", (browser) => {
  type Go = (page: Page, at: Awaited<ReturnType<typeof begin>>) => Promise<void>;
  const states: Record<string, { readonly title: string; readonly name?: string; readonly go: Go }> = {
    login: { title: "Log in", go: (page, { url }) => open(page, url) },
    wrong: {
      title: "Log in",
      go: (page, { url }) => open(page, url).then(() => logIn(page, "ada@example.org", "wrong")),
    },
    code: { title: "Your code", go: (page, { url }) => open(page, url).then(() => logIn(page, "bob")) },
    consent: { title: "Allow access?", go: (page, { url }) => open(page, url).then(() => logIn(page)) },
    ...Object.fromEntries(
      Object.entries(NAMES).map(([kind, name]) => [
        `consent of a client whose name is ${kind}`,
        {
          title: "Allow access?",
          name,
          go: (page: Page, { url }: { url: string }) => open(page, url).then(() => logIn(page)),
        },
      ]),
    ),
    "set password": { title: "Set a password", go: (page, { link }) => open(page, link) },
    ended: { title: "This login has ended", go: (page, { issuer }) => open(page, `${issuer}/login/${"x".repeat(43)}`) },
    "not registered": {
      title: "This login cannot go on",
      go: (page, { url }) =>
        open(page, url.replace(/redirect_uri=[^&]+/, "redirect_uri=https%3A%2F%2Fevil.example%2F")),
    },
  };

  describe.each(Object.keys(states))("%s", (state) => {
    test.each([
      ["light", 1280],
      ["light", 360],
      ["dark", 1280],
      ["dark", 360],
    ] as const)("is accessible and fits in %s at a width of %i", async (colorScheme, width) => {
      const { title, name, go } = states[state]!;
      const page = await browser.page({ javaScriptEnabled: true, colorScheme, viewport: { width, height: 800 } });
      await go(page, await begin(name ?? "Claude Code"));
      await page.getByRole("heading", { name: title, level: 1 }).waitFor();
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({
          path: join(pictures, `${state.replaceAll(" ", "-")}-${colorScheme}-${width}.png`),
          fullPage: true,
        });
      }
      await expectAccessible(page, width);
      expect(await page.title()).not.toBe("run");
      expect(await page.locator("main img, script").count()).toBe(0);
    });
  });
});
