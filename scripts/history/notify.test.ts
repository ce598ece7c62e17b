import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { readSettings } from "../../stacks/settings.ts";
import { notifier, post, textOf } from "./notify.ts";

const entry = {
  action: "deploy",
  stack: "services",
  deployment: "example.org",
  who: "ada@example.org",
  from: "laptop",
  commit: "0123456789ab+",
  services: { memory: { server: "fedcba9876543210" }, docs: null },
  result: "ok",
  seconds: 21,
} as const;

/** A webhook. @returns its URL, in which there is a secret */
async function webhook(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/do-not-show`;
}

const settingsWith = (url: string) => readSettings([], { env: { NOTIFY_URL: url }, file: "/nowhere/.env" });

let told: ReturnType<typeof vi.spyOn>;
beforeEach(() => void (told = vi.spyOn(console, "error").mockImplementation(() => {})));
afterEach(() => void vi.restoreAllMocks());

/** What was printed, in which no part of a webhook's URL is. */
function said(): string {
  const all = told.mock.calls.flat().join("\n");
  expect(all).not.toContain("do-not-show");
  return all;
}

test("a webhook gets one JSON document with a text, as Slack takes it; nothing in it calls people", async () => {
  const got: unknown[] = [];
  const url = await webhook((request, response) => {
    got.push(request.method, request.headers["content-type"]);
    request.on("data", (chunk: Buffer) => got.push(JSON.parse(chunk.toString())));
    request.on("end", () => response.end("ok"));
  });
  await notifier(settingsWith(url))!({ ...entry, who: "<!channel> & me" });
  const text = textOf({ ...entry, who: "&lt;!channel&gt; &amp; me" });
  expect(got).toEqual(["POST", "application/json", { text }]);
  expect(said()).toBe("");
});

describe("the text", () => {
  test("says what was done, where, by whom and how it ended", () => {
    expect(textOf(entry)).toBe(
      "*deploy of services (example.org) is done*: by ada@example.org from laptop, commit 0123456789ab+, 21 s, changed: memory, docs",
    );
  });

  test("has the reason of a failure", () => {
    const failed = { ...entry, services: {}, result: "failed", reason: "not everything is up" } as const;
    expect(textOf(failed)).toMatch(/failed\*: .*no service changed\nnot everything is up$/);
  });
});

describe("a webhook is told of on a line, without its URL, when it", () => {
  test("refuses", async () => {
    await post(await webhook((_, response) => void response.writeHead(403).end()), "x");
    expect(said()).toBe("  NOTIFY_URL: the webhook answered 403, so nobody was notified");
  });

  test("sends us elsewhere", async () => {
    await post(await webhook((_, response) => void response.writeHead(302, { location: "/other" }).end()), "x");
    expect(said()).toContain("cannot be reached");
  });

  test("does not answer: nobody waits longer than the bound", async () => {
    const url = await webhook(() => {});
    await post(url, "x", 50);
    expect(said()).toBe("  NOTIFY_URL: the webhook did not answer in 0.05 s, so nobody was notified");
  });

  test("is not there", async () => {
    await post("http://127.0.0.1:1/do-not-show", "x");
    expect(said()).toContain("NOTIFY_URL: the webhook cannot be reached");
  });
});

test("an invalid URL stops the deploy before anything is done, and is not shown", () => {
  expect(notifier(readSettings([], { env: {}, file: "/nowhere/.env" }))).toBeUndefined();
  for (const url of ["do-not-show", "ftp://do-not-show"])
    expect(() => notifier(settingsWith(url))).toThrow(
      /^NOTIFY_URL \(from the environment\) is no URL(?!.*do-not-show)/,
    );
});
