import { expect, test } from "vitest";
import { parseFile } from "./json-file.ts";

test.for([
  ["a byte order mark", '\ufeff{"a":1}', { a: 1 }],
  ["comments", '// one\n{"a":/* two\n , */1// three, }\n}', { a: 1 }],
  ["a comma after the last value", '{"a":[1,2, ],\n"b":{"c":1,},}', { a: [1, 2], b: { c: 1 } }],
  ["a comment behind the last comma", '{"a":1, // one\n}', { a: 1 }],
  ["what looks like comments in texts", '{"a":"http://x/*,}*/","b\\"//":",]"}', { a: "http://x/*,}*/", 'b"//': ",]" }],
] as const)("a file with %s is read", ([, text, content]) => {
  expect(parseFile(text)).toEqual(content);
});

test.for(["", "{", '{"a":1,,}', "[,]x", '{"a" 1}', "/* {}", '{"a":"\n"}'])("%j is no JSON", (text) => {
  expect(() => parseFile(text)).toThrow(SyntaxError);
});

test("a mistake behind a comment is told with its place in the file", () => {
  expect(() => parseFile('/* one\n two */ {"a":1,\n  b}')).toThrow(/line 3 column 3/);
});
