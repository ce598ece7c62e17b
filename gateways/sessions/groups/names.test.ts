import { describe, expect, test } from "vitest";
import { readMessage, type Message } from "../../jsonrpc.ts";
import { groupName, LONGEST_NAME, mayBeShort, memberIn, stringOf, withString } from "./names.ts";

describe("a name in a group", () => {
  test.each([
    ["memory", "read_graph", "memory_read_graph"],
    ["a", "_x", "a__x"],
    ["a", "", "a_"],
    ["m-1", "b c", "m-1_b c"],
  ])("of %s and %s is %s", (member, name, expected) => {
    expect(groupName(member, name)).toBe(expected);
    expect(memberIn(expected)).toBe(member);
  });

  test("is never longer than models take, and tells long ones apart", () => {
    const names = Array.from({ length: 200 }, (_, at) => groupName("service", `${"long-".repeat(20)}${at}`));
    expect(new Set(names).size).toBe(200);
    for (const name of names)
      expect([name.length, mayBeShort(name), memberIn(name)]).toEqual([LONGEST_NAME, true, "service"]);
    expect(mayBeShort(groupName("service", "short"))).toBe(false);
  });

  test.each(["", "_", "_a", "nothing"])("%j has no member", (name) => expect(memberIn(name)).toBeUndefined());
});

test.each([
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a_b","arguments":{"name":"a_b"}}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"name":"a_b"}, "name" : "a\\u005fb" ,"_meta":{"progressToken":7}}}',
])("a string in a request is replaced, and nothing else: %s", (text) => {
  const message = readMessage(text) as Message;
  const changed = withString(message, ["name"], 'long "name" ü');
  const whole = JSON.parse(Buffer.from(changed.text, "latin1").toString()) as object;
  const before = JSON.parse(text) as { params: object };
  expect(whole).toEqual({ ...before, params: { ...before.params, name: 'long "name" ü' } });
  expect(stringOf(changed, "name")).toBe('long "name" ü');
  expect(changed.text.slice(changed.params, changed.end)).toBe(changed.text.slice(changed.params, -1));
});
