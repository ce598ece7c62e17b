import { describe, expect, test } from "vitest";
import { readClientMessage } from "../../client-message.ts";
import { find, metaOf, readMessage, tokenOf, type Message } from "../../jsonrpc.ts";
import { groupName, LONGEST_NAME, mayBeShort, memberIn, stringOf, withoutMember, withString } from "./names.ts";

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

  test("is not cut in the middle of a character", () => {
    const names = ["", "x"].map((start) => groupName("service", `${start}${"😀".repeat(40)}`));
    for (const name of names) {
      expect(name).toHaveLength(LONGEST_NAME);
      expect(mayBeShort(name)).toBe(true);
      expect(Buffer.from(name).toString()).toBe(name);
    }
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

const PLAIN = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":';
test.each([
  ['{"name":"one_a_b"}', "a_b"],
  ['{"name":"one_"}', ""],
  ['{"name":"one_a\\u0062\\"c","arguments":{"name":"one_x"}}', 'ab"c'],
  ['{"_meta":{"progressToken":"one_7","x":1},"arguments":{}, "name" : "one_a"}', "a"],
  ['{"name":"one_a","_meta":{"x":[],"progressToken":7}}', "a"],
  ['{"name":"\\u006fne_a","_meta":{"progressToken":7}}', "a"],
  ['{"name":"one\\u005fa"}', "a"],
  [`{"name":"one_${Buffer.from("größe").toString("latin1")}"}`, "größe"],
])("the member of %s is cut out, and everything else stays where it can be found", (params, name) => {
  const text = `${PLAIN}${params}}`;
  for (const message of [readMessage(text) as Message, readClientMessage(text)]) {
    const changed = withoutMember(message, find(text, message.params, "name")!, "one");
    const again = readMessage(changed.text) as Message;
    expect({ ...changed, meta: undefined, token: undefined }).toEqual({ ...again, meta: undefined, token: undefined });
    expect([metaOf(changed), tokenOf(changed)]).toEqual([metaOf(again), tokenOf(again)]);
    expect(stringOf(changed, "name")).toBe(name);
  }
});
