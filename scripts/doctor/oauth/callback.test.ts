import { expect, onTestFinished, test } from "vitest";
import { Callback } from "./callback.ts";

const request = (state: string) => ({
  url: `https://auth.example.org/authorize?state=${state}`,
  redirect: "",
  state,
  verifier: "",
});

async function listen() {
  const callback = await Callback.listen();
  onTestFinished(() => callback.close());
  return { callback, base: `http://127.0.0.1:${callback.port}/callback` };
}

test("a browser that comes back is sent on to the next request, so that its user logs in once", async () => {
  const { callback, base } = await listen();
  const first = callback.visit(request("one"));
  const open = fetch(`${base}?code=1&state=one`, { redirect: "manual" });
  expect((await first)?.searchParams.get("code")).toBe("1");
  const second = callback.visit(request("two"));
  expect((await open).headers.get("location")).toBe("https://auth.example.org/authorize?state=two");
  const last = fetch(`${base}?code=2&state=two`);
  expect((await second)?.searchParams.get("code")).toBe("2");
  callback.close();
  expect(await (await last).text()).toMatch(/close this page/);
});

test("what has another state, or none, is not the answer", async () => {
  const { callback, base } = await listen();
  const back = callback.visit(request("one"));
  expect((await fetch(`${base}?code=0`)).status).toBe(404);
  const wrong = fetch(`${base}?code=0&state=other`);
  const right = fetch(`${base}?code=1&state=one`);
  expect((await back)?.searchParams.get("code")).toBe("1");
  callback.close();
  await Promise.all([wrong, right]);
});
