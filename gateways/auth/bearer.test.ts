import { expect, test } from "vitest";
import type { GatewayError } from "../errors.ts";
import { BearerAuth } from "./bearer.ts";

/** A request with this Authorization header. */
const bearing = (authorization?: string) => ({
  header: (name: string) => (name === "authorization" ? authorization : undefined),
});

test("without tokens every caller is the same anonymous principal, whatever it sends", () => {
  const auth = new BearerAuth([]);
  expect(auth.required).toBe(false);
  expect(auth.identify(bearing(undefined))).toEqual({ id: "anonymous", isOperator: true });
  expect(auth.identify(bearing("Bearer anything"))).toEqual({ id: "anonymous", isOperator: true });
});

test("each of several tokens is accepted, as a principal of its own that stays the same", () => {
  const auth = new BearerAuth(["old", "new"]);
  const [old, young] = [auth.identify(bearing("Bearer old")), auth.identify(bearing("Bearer new"))];
  expect(old.id).not.toBe(young.id);
  expect(new BearerAuth(["new", "other"]).identify(bearing("Bearer new"))).toEqual(young);
});

test.each(["Bearer secret", "bearer secret", "BEARER   secret", "Bearer secret  "])(
  "%j carries the token",
  (header) => {
    expect(new BearerAuth(["secret"]).identify(bearing(header)).id).toMatch(/^token-[0-9a-f]{8}$/);
  },
);

test("a principal's id, which is logged, contains nothing of the token", () => {
  expect(new BearerAuth(["abcdef"]).identify(bearing("Bearer abcdef")).id).not.toContain("abc");
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
  expect(() => auth.identify(bearing(header))).toThrow(expect.objectContaining({ name: "unauthorized", status: 401 }));
});

test("an empty token admits nobody", () => {
  const auth = new BearerAuth([""]);
  expect(auth.required).toBe(true);
  for (const header of [undefined, "", "Bearer", "Bearer "])
    expect(() => auth.identify(bearing(header))).toThrow(/token/);
});

test("a refused caller is told to log in, and the audit why", () => {
  const auth = new BearerAuth(["secret"]);
  expect(auth.challenge()).toEqual({ "www-authenticate": "Bearer" });
  const reasons = [undefined, "Bearer wrong"].map((header) => {
    try {
      return auth.identify(bearing(header));
    } catch (error) {
      return (error as GatewayError).details["reason"];
    }
  });
  expect(reasons).toEqual(["no token", "unknown token"]);
});
