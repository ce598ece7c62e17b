/** Attacks on logins, as a browser lets them happen. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { describeLogins, logIn } from "../fixtures/login-in-chromium.ts";
import { addUser, registered, startLogin, waitForUser } from "../fixtures/login-server.ts";

/** A page of another site: `localhost` is another one than `127.0.0.1`. */
async function evilPage(html: string): Promise<string> {
  const server = createServer((_req, res) => {
    res.setHeader("content-type", "text/html");
    res.end(`<!doctype html><title>evil</title>${html}`);
  });
  server.listen(0);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}

describeLogins("attacks:", (browser) => {
  /** A user who has been asked to consent. */
  async function askedForConsent() {
    const auth = await startLogin();
    await addUser(auth.users);
    const waiting = await waitForUser();
    const client = await registered(auth.issuer, waiting.redirect);
    const context = await browser.context({ javaScriptEnabled: true });
    const page = await context.newPage();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();
    return { ...auth, ...waiting, client, context, page };
  }

  test("CSRF on consent: a form of another site allows nothing", async () => {
    const { context, page, returned } = await askedForConsent();
    const url = await evilPage(
      `<form method=post action="${page.url()}"><input name=step value=allow><input name=csrf value=guessed></form>
       <script>document.forms[0].submit()</script>`,
    );
    const evil = await context.newPage();
    await evil.goto(url);
    await evil
      .getByRole("heading", { name: "This form was not sent from here" })
      .or(evil.getByText("This login has ended"))
      .first()
      .waitFor();
    expect(returned).toEqual([]);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
  });

  test("CSRF on consent: a form of ours with the proof of another login allows nothing", async () => {
    const { context, page, client, returned } = await askedForConsent();
    const other = await context.newPage();
    await other.goto(client.authorizeUrl());
    await other.getByRole("heading", { name: "Allow access?" }).waitFor();
    const stolen = await other.locator("input[name=csrf]").first().getAttribute("value");
    await page
      .locator("input[name=csrf]")
      .first()
      .evaluate((input, value) => input.setAttribute("value", value!), stolen);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "This form was not sent from here" }).waitFor();
    expect(returned).toEqual([]);
  });

  test("clickjacking: consent is not shown in a frame of another site", async () => {
    const { context, page } = await askedForConsent();
    const evil = await context.newPage();
    const refused: string[] = [];
    evil.on("console", (message) => refused.push(message.text()));
    await evil.goto(await evilPage(`<iframe src="${page.url()}"></iframe>`));
    await expect.poll(() => refused.join()).toMatch(/frame-ancestors|X-Frame-Options/i);
    expect(await evil.frames().at(-1)!.getByText("Allow access?").count()).toBe(0);
  });

  test("session fixation: the session gets another id at the login", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    const context = await browser.context();
    const page = await context.newPage();
    const ids = async () =>
      (await context.cookies(issuer))
        .filter(({ name }) => name.includes("session") && !name.endsWith(".sig"))
        .map(({ value }) => value);
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();
    const before = await ids();
    await page.goto(client.authorizeUrl({ prompt: "login" }));
    await logIn(page);
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();
    expect(before).toHaveLength(1);
    expect(await ids()).not.toEqual(before);
  });

  test("session fixation: a login that somebody else finishes does not go on in the browser that began it", async () => {
    const { issuer, users, log } = await startLogin();
    await addUser(users);
    const { redirect, returned } = await waitForUser();
    const client = await registered(issuer, redirect);
    const attacker = await browser.context();
    const [first, victim] = [await attacker.newPage(), await browser.context()];
    await first.goto(client.authorizeUrl());
    const login = first.url();
    // Another host of the domain may set these in the victim's browser; the cookie that is ours alone it may not.
    const planted = (await attacker.cookies([login, `${issuer}/oauth/authorize/${login.split("/").at(-1)}`])).filter(
      ({ name }) => !name.startsWith("gangway-login"),
    );
    await victim.addCookies(planted);
    const page = await victim.newPage();
    await page.goto(login);
    await page.getByRole("heading", { name: "This login has ended" }).waitFor();

    // The attacker has not opened the page: the victim does, and logs in. Only the attacker has the cookie that goes on.
    const other = await browser.context();
    const begun = await other.request.get(client.authorizeUrl(), { maxRedirects: 0 });
    const uid = begun.headers()["location"]!.split("/").at(-1)!;
    await victim.addCookies(await other.cookies(`${issuer}/login/${uid}`));
    await page.goto(`${issuer}/login/${uid}`);
    await logIn(page);
    await page.getByRole("heading", { name: "This login cannot go on" }).waitFor();
    expect(log.join("")).toContain(`AUTH login"`);
    const resumed = await other.request.get(`${issuer}/oauth/authorize/${uid}`, { maxRedirects: 0 });
    expect([resumed.status(), returned]).toEqual([400, []]);
  });

  test("login brute force: pauses grow, say nothing about who exists, and end", async () => {
    const { issuer, users, log } = await startLogin();
    await addUser(users);
    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    const said: Record<string, (string | null)[]> = {};
    for (const name of ["ada@example.org", "nobody@example.org"]) {
      const page = await browser.page();
      await page.goto(client.authorizeUrl());
      said[name] = [];
      for (let at = 0; at < 7; at++) {
        await logIn(page, name, `wrong ${at}`);
        said[name].push((await page.getByRole("alert").textContent())!.replace(/\d+ seconds|a second/, "a while"));
      }
    }
    expect(said["ada@example.org"]).toEqual(said["nobody@example.org"]);
    expect(said["ada@example.org"]!.at(0)).toBe("The name or the password is wrong.");
    expect(log.join("")).toContain("AUTH login-failed");
    expect(log.join("")).not.toMatch(/wrong \d/);
  });

  test("open redirect: nobody is sent to an address that is not registered, also not after an error", async () => {
    const { issuer } = await startLogin();
    const client = await registered(issuer, "https://client.example/callback");
    const page = await browser.page();
    for (const redirect of [
      "https://evil.example/",
      "https://client.example.evil.example/callback",
      "//evil.example",
      "https://client.example/callback/../x",
    ]) {
      await page.goto(client.authorizeUrl({ redirect_uri: redirect, prompt: "none" }));
      expect(new URL(page.url()).origin).toBe(issuer);
      await page.getByRole("heading", { name: "This login cannot go on" }).waitFor();
    }
    for (const state of ["//evil.example", `${"x".repeat(43)}.${"y".repeat(43)}`]) {
      await page.goto(`${issuer}/oauth/callback?${new URLSearchParams({ state, code: "c" }).toString()}`);
      expect(new URL(page.url()).origin).toBe(issuer);
    }
  });
});
