/** Which tool comes first for which words. */
import { describe, expect, test } from "vitest";
import { Ranking, wordsOf, type Findable } from "./ranking.ts";

test.each<[text: string, words: string[]]>([
  ["createIssue", ["create", "issue"]],
  ["create_issue", ["create", "issue"]],
  ["github-create.issue/v2", ["github", "create", "issue", "v", "2"]],
  ["HTMLParser", ["html", "parser"]],
  ["parseHTML", ["parse", "html"]],
  ["getURLs of ISSUES", ["get", "ur", "ls", "of", "issue"]],
  ["queries, classes; status", ["query", "classe", "statu"]],
  ["class gas", ["class", "gas"]],
  ["Größe ändern", ["größe", "ändern"]],
  ["Cafe\u0301", ["café"]],
  ["读取文件 file", ["读", "取", "文", "件", "file"]],
  ["поискФайлов", ["поиск", "файлов"]],
  ["한국어 검색", ["한국어", "검색"]],
  ["\u0000\ud800 _-. 🙂", []],
  ["", []],
])("the words of %j are %j", (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test("of a long text only the beginning is read", () => {
  expect(wordsOf("a ".repeat(1_000_000))).toHaveLength(500);
});

const TOOLS: readonly (readonly [name: string, description: string])[] = [
  ["github_create_issue", "Create a new issue in a repository."],
  ["github_list_issues", "List the issues of a repository, newest first."],
  ["github_search_code", "Search for code in all repositories."],
  ["files_read_file", "Read the whole text of a file. Fails when there is no such file."],
  ["files_write_file", "Write a text to a file, in place of what it holds."],
  ["files_list_directory", "List what is in a directory."],
  ["memory_searchNodes", "Search for nodes in the knowledge graph."],
  ["memory_createEntities", "Create many entities in the knowledge graph at once."],
  ["time_get_current_time", "Get the current time in a timezone."],
  ["browser_screenshot", "Take a picture of the page. A page that is long is cut."],
];

const tool = ([name, description]: readonly [string, string]): Findable => ({ name, title: "", description });

function found(query: string, limit = 3, tools = TOOLS.map(tool)): string[] {
  const ranking = new Ranking<string>(query);
  for (const one of tools) ranking.add(one, () => one.name);
  return ranking.best(limit);
}

describe("the best tool comes first", () => {
  test.each([
    ["create issue", "github_create_issue"],
    ["createIssue", "github_create_issue"],
    ["CREATE_ISSUES", "github_create_issue"],
    ["open a new issue on github", "github_create_issue"],
    ["github_list_issues", "github_list_issues"],
    ["which are the newest issues", "github_list_issues"],
    ["read a file", "files_read_file"],
    ["write file", "files_write_file"],
    ["directories", "files_list_directory"],
    ["search nodes", "memory_searchNodes"],
    ["search in the graph", "memory_searchNodes"],
    ["what time is it", "time_get_current_time"],
    ["timezones", "time_get_current_time"],
    ["screen shot", "browser_screenshot"],
    ["picture", "browser_screenshot"],
  ])("%j finds %s", (query, name) => {
    expect(found(query)[0]).toBe(name);
  });
});

test("a word in the name counts more than one in the description, and a rare one more than a common one", () => {
  const [named, described] = [tool(["copy_a", "Makes two of it."]), tool(["two_b", "Makes a copy of it."])];
  expect(found("copy", 2, [described, named])).toEqual(["copy_a", "two_b"]);
  const many = Array.from({ length: 20 }, (_, index) => tool([`file_${index}`, "A file."]));
  expect(found("file zebra", 1, [...many, tool(["animal", "A zebra."])])).toEqual(["animal"]);
});

test("a word that is said again and again does not win", () => {
  const spam = tool(["spam", "issue ".repeat(150)]);
  expect(found("create issue", 1, [spam, ...TOOLS.map(tool)])).toEqual(["github_create_issue"]);
});

test.each(["xyzzy", "oes", "o"])("%j finds none where no tool has it", (query) => {
  expect(found(query, 10, [tool(["a_tool", "Does it."])])).toEqual([]);
});

test.each([[""], ["  "], ["🙂"], ["of the"]])("without words, %j, the first ones are found in their order", (query) => {
  expect(found(query)).toEqual(TOOLS.slice(0, 3).map(([name]) => name));
});

test("of two that fit equally well the one that is listed first comes first", () => {
  const same = ["c", "a", "b"].map((name) => ({ name, title: "", description: "The same." }));
  expect(found("same", 3, same)).toEqual(["c", "a", "b"]);
});

test("a query of a million words is as good as its first", () => {
  expect(found(`picture ${"other words ".repeat(100_000)}`)[0]).toBe("browser_screenshot");
});
