import { expect, test } from "vitest";
import { admitHeaders } from "./single-headers.ts";

test.each(["Host", "authorization", "Origin", "CONTENT-TYPE", "Content-Encoding", "Mcp-Session-Id", "Last-Event-ID"])(
  "%s may come once",
  (name) => {
    expect(() => admitHeaders([name, "a", "Accept", "b"])).not.toThrow();
    for (const again of [name, name.toLowerCase(), name.toUpperCase()])
      expect(() => admitHeaders([name, "a", "Accept", "b", again, "a"])).toThrow(
        expect.objectContaining({ name: "header-twice", status: 400 }),
      );
  },
);

test("headers that may be lists may come as often as they like", () => {
  expect(() =>
    admitHeaders(["Accept", "a", "Accept", "b", "X-Forwarded-For", "c", "x-forwarded-for", "d"]),
  ).not.toThrow();
});

test("a value that is the name of such a header is none", () => {
  expect(() => admitHeaders(["Host", "host", "X-Own", "host", "X-Other", "host"])).not.toThrow();
});
