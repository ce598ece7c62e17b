/** Somebody who logs in with Chromium, on the pages that people see. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { logIn, LoginBrowser } from "../../../auth-server/fixtures/login-in-chromium.ts";
import { PASSWORD } from "../../../auth-server/fixtures/login-server.ts";
import { stepAt, totpCode } from "../../../auth-server/users/totp.ts";
import { waitUntil } from "../../kit/wait.ts";
import type { Online } from "./behind-nginx.ts";

const AUTH_SERVER = join(import.meta.dirname, "../../../auth-server/main.ts");
const NAME = "ada@example.org";
const MAX_WAIT = 30_000;

/** A user of a server, and the user's browser. */
export interface PersonInChromium {
  /** Goes where a client sends its user, and does what the pages ask for. @returns where the browser ends: at the client */
  readonly visit: (url: URL) => Promise<URL>;
  /** Opens a page of the browser, which is not logged in yet. */
  readonly page: () => Promise<Page>;
  /** Fills in what the pages ask for, up to the question whether the client may. */
  readonly logIn: (page: Page) => Promise<void>;
}

/** Adds a user as an operator does, and opens the user's browser. Both end with the test. @param totp whether an app is asked, too */
export async function personInChromium({ auth }: Online, { totp = false } = {}): Promise<PersonInChromium> {
  const secret = await addUser(auth.dataDir, auth.issuer, totp);
  const browser = new LoginBrowser();
  onTestFinished(() => browser.stop());
  await browser.start();
  const context = await browser.context({ ignoreHTTPSErrors: true });
  const page = () => context.newPage();
  const logInAt = async (at: Page) => {
    await logIn(at, NAME, PASSWORD);
    if (secret === undefined) return;
    await at.getByLabel("Code").fill(totpCode(secret, stepAt(Date.now())));
    await at.keyboard.press("Enter");
  };
  return { page, logIn: logInAt, visit: async (url) => goThrough(await page(), url, logInAt) };
}

/** Runs the command of the operator. @returns the secret of the user's app */
async function addUser(dataDir: string, issuer: string, totp: boolean): Promise<string | undefined> {
  const args = [AUTH_SERVER, "users", "add", NAME, "--json", ...(totp ? ["--totp"] : [])];
  const env = { ISSUER: issuer, DATA_DIR: dataDir };
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`${PASSWORD}\n`);
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`users add ended with ${String(code)}: ${said}`);
  const added = JSON.parse(said) as { totp: string };
  return totp ? new URL(added.totp).searchParams.get("secret")! : undefined;
}

/** A browser that has logged in is not asked again, and a client that is known is not asked about. */
async function goThrough(page: Page, url: URL, logInAt: (page: Page) => Promise<void>): Promise<URL> {
  const redirect = url.searchParams.get("redirect_uri") ?? "";
  const isBack = (at: URL) => at.href.startsWith(redirect);
  const allow = page.getByRole("button", { name: "Allow" });
  const isAtClient = () => isBack(new URL(page.url()));
  await page.goto(url.href);
  if (await page.getByRole("heading", { name: "Log in" }).isVisible()) await logInAt(page);
  await waitUntil(async () => isAtClient() || (await allow.isVisible()), MAX_WAIT);
  if (!isAtClient()) await allow.click();
  await page.waitForURL(isBack);
  const end = new URL(page.url());
  await page.close();
  return end;
}
