import { expect, test } from "vitest";
import { BearerAuth } from "./bearer.ts";

test("without tokens everybody is the same anonymous principal, whatever they send", () => {
  const auth = new BearerAuth([]);
  expect(auth.required).toBe(false);
  expect(auth.identify(undefined)).toEqual({ id: "anonymous" });
  expect(auth.identify("Bearer anything")).toEqual({ id: "anonymous" });
});

test("every one of several tokens is accepted, each as a principal of its own that stays the same", () => {
  const auth = new BearerAuth(["old", "new"]);
  const [old, young] = [auth.identify("Bearer old"), auth.identify("Bearer new")];
  expect(old.id).not.toBe(young.id);
  expect(new BearerAuth(["new", "other"]).identify("Bearer new")).toEqual(young);
});

test.each(["Bearer secret", "bearer secret", "BEARER   secret", "Bearer secret  "])(
  "%j carries the token",
  (header) => {
    expect(new BearerAuth(["secret"]).identify(header).id).toMatch(/^token-[0-9a-f]{8}$/);
  },
);

test("a principal's id, which is logged, has nothing of the token in it", () => {
  expect(new BearerAuth(["abcdef"]).identify("Bearer abcdef").id).not.toContain("abc");
});

test.each([
  undefined,
  "",
  "secret",
  "Bearer",
  "Bearer ",
  "Bearersecret",
  "Basic secret",
  "Bearer wrong",
  "Bearer secre",
  "Bearer secrets",
  "Bearer SECRET",
  "Bearer secret secret",
  "Bearer undefined",
  "x Bearer secret",
])("%j is refused with 401", (header) => {
  const auth = new BearerAuth(["secret"]);
  expect(() => auth.identify(header)).toThrow(expect.objectContaining({ name: "unauthorized", status: 401 }));
});

test("a token that was set empty lets nobody in", () => {
  const auth = new BearerAuth([""]);
  expect(auth.required).toBe(true);
  for (const header of [undefined, "", "Bearer", "Bearer "]) expect(() => auth.identify(header)).toThrow(/token/);
});
