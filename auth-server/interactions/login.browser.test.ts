/** Whole logins in Chromium, without scripts. */
import { expect, test } from "vitest";
import { describeLogins, logIn } from "../fixtures/login-in-chromium.ts";
import { addUser, PASSWORD, registered, startLogin, waitForUser } from "../fixtures/login-server.ts";
import { stepAt, totpCode } from "../users/totp.ts";

describeLogins("a login", (browser) => {
  test("goes to its end by keyboard alone, and the client gets its code", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    const { redirect, returned } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    const { keyboard } = page;
    await keyboard.type("Ada@Example.org");
    await keyboard.press("Tab");
    await keyboard.type(PASSWORD);
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();
    await keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Allow");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    expect(returned[0]!.get("state")).toBe("state-of-the-client");
    const { status, body } = await client.exchange(returned[0]!.get("code")!);
    expect([status, body.scope.split(" ").includes("memory")]).toEqual([200, true]);
    expect((await users.named("ada@example.org"))!.lastLogin).toBeDefined();
  });

  test.each(["127.0.0.1", "::1", "localhost"])("comes back to a client at %s", async (host) => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    const { redirect, returned } = await waitForUser(host);
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    expect(returned[0]!.has("code")).toBe(true);
  });

  test("ends where the client sends its user on to, on another origin", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    const last = await waitForUser("localhost");
    const { redirect } = await waitForUser("127.0.0.1", last.redirect);
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    expect(page.url()).toBe(last.redirect);
  });

  test("in a window of the client's own can tell that client that it is done", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page({ javaScriptEnabled: true });
    await page.goto(new URL("/", redirect).href);
    const opened = page.waitForEvent("popup");
    await page.evaluate(`void window.open(${JSON.stringify(client.authorizeUrl())})`);
    const popup = await opened;
    await logIn(popup);
    await popup.getByRole("button", { name: "Allow" }).click();
    await popup.getByRole("heading", { name: "Back at the client" }).waitFor();
    expect(await popup.evaluate<string>("window.opener?.location.origin")).toBe(new URL(redirect).origin);
  });

  test("is handed to an app with a scheme of its own, which the page's policy lets through", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    const client = await registered(issuer, "cursor://anysphere.cursor-mcp/oauth/callback");
    const page = await browser.page({ javaScriptEnabled: true });
    const handedOver: string[] = [];
    page.on("response", (answer) => {
      const location = answer.headers()["location"];
      if (location?.startsWith("cursor:")) handedOver.push(location);
    });
    const refusals: string[] = [];
    page.on("console", (message) => refusals.push(message.text()));
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByText("cursor:", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await expect.poll(() => handedOver.length).toBe(1);
    expect(new URL(handedOver[0]!).searchParams.has("code")).toBe(true);
    expect(refusals.filter((text) => text.includes("Content Security Policy"))).toEqual([]);
  });

  test("asks for the code of the app, once each, and a recovery code replaces it", async () => {
    const { issuer, users } = await startLogin();
    const user = await addUser(users, { totp: true });
    const [recovery] = await users.newRecoveryCodes(user.id);
    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByLabel("Code of your authenticator app").fill("000000");
    await page.keyboard.press("Enter");
    await page.getByText("The code is wrong, or was used already.").waitFor();
    const code = totpCode(user.totp!.secret, stepAt(Date.now()));
    await page.getByLabel("Code of your authenticator app").fill(code);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();

    const other = await browser.page();
    await other.goto(client.authorizeUrl());
    await logIn(other);
    await other.getByLabel("Code of your authenticator app").fill(code);
    await other.keyboard.press("Enter");
    await other.getByText("The code is wrong, or was used already.").waitFor();
    await other.getByLabel("Code of your authenticator app").fill(recovery!);
    await other.keyboard.press("Enter");
    await other.getByRole("heading", { name: "Allow access?" }).waitFor();
  });

  test.each(["Deny", "Cancel"])("that is ended with %s tells the client access_denied", async (name) => {
    const { issuer, users, log } = await startLogin();
    await addUser(users);
    const { redirect, returned } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    if (name === "Deny") await logIn(page);
    await page.getByRole("button", { name }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    expect(returned[0]!.get("error")).toBe("access_denied");
    expect(log.join("")).toContain("AUTH denied");
  });

  test("as somebody else starts again, for the same client", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    await addUser(users, { name: "bob" });
    const { redirect, returned } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("button", { name: "Log in as somebody else" }).click();
    await logIn(page, "bob");
    await page.getByText("bob", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("heading", { name: "Back at the client" }).waitFor();
    expect(returned[0]!.get("state")).toBe("state-of-the-client");
  });

  test("that must be done anew (prompt=login) may be somebody else's", async () => {
    const { issuer, users } = await startLogin();
    await addUser(users);
    await addUser(users, { name: "bob" });
    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("button", { name: "Allow" }).click();
    await page.goto(client.authorizeUrl({ prompt: "login" }));
    await logIn(page, "bob");
    await page.getByText("bob", { exact: true }).waitFor();
  });

  test("starts again after the password was reset", async () => {
    const { issuer, users } = await startLogin();
    const { id } = await addUser(users);
    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    const page = await browser.page();
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();
    await users.reset(id, false, undefined, Date.now() + 5_000);
    await page.goto(client.authorizeUrl());
    await page.getByRole("heading", { name: "Log in" }).waitFor();
  });

  test("with a link sets a password and an app, which then log in", async () => {
    const { issuer, users, log } = await startLogin();
    const user = await users.add({ name: "ada@example.org", totp: true });
    const url = `${issuer}/login/password/${await users.newLink(user.id)}`;
    const page = await browser.page();
    await page.goto(url);
    await page.getByLabel("New password").fill(PASSWORD);
    await page.getByLabel("The same again").fill(PASSWORD);
    await page.getByLabel("Code of the app").fill(totpCode(user.totp!.secret, stepAt(Date.now())));
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("heading", { name: "The password is set" }).waitFor();
    expect(await page.locator(".codes li").count()).toBe(10);
    const recovery = await page.locator(".codes li").first().textContent();
    await page.goto(url);
    await page.getByRole("heading", { name: "This link does not work" }).waitFor();
    expect(log.join("")).toContain("AUTH password-set");
    expect(log.join("")).not.toContain(PASSWORD);

    const { redirect } = await waitForUser();
    const client = await registered(issuer, redirect);
    await page.goto(client.authorizeUrl());
    await logIn(page);
    await page.getByLabel("Code of your authenticator app").fill(recovery!);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Allow access?" }).waitFor();
  });
});
