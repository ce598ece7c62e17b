import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { Tools } from "../../bridge/tools.ts";
import type { GatewayError } from "../../errors.ts";
import { bytes, modernCaller, notificationOf, requestOf } from "../../fixtures/modern-caller.ts";
import { randomNumbers } from "../../fixtures/random.ts";
import type { Message } from "../../jsonrpc.ts";
import type { Allow, Principal } from "../../principal.ts";
import type { Lane, LaneCaller, ModernEndpoint } from "../servers/contract.ts";
import { FilteredEndpoint, FilteredLane } from "./filtered-lane.ts";
import { Grant } from "./grant.ts";
import { Permissions } from "./permissions.ts";

const SILENT = pino({ enabled: false });
const permissions = (allow?: Allow, differs = false) => new Permissions({ service: "memory", allow, differs }, SILENT);

/** Asks in both eras. @returns what reached the server, and what each caller got */
function askBoth(
  message: Message,
  principal: Principal,
  { allow, result = "{}" }: { allow?: Allow; result?: string } = {},
) {
  const reached: Message[] = [];
  const call = (asked: Message, caller: LaneCaller) => {
    reached.push(asked);
    caller.answer(`{"jsonrpc":"2.0","id":1,"result":${result}}`);
  };
  const [legacy, modern] = [modernCaller({ principal }), modernCaller({ principal })];
  const filter = permissions(allow);
  new FilteredLane(filter, { call } as unknown as Lane, { principal }).call(message, legacy.caller, () => {});
  new FilteredEndpoint(filter, { call } as unknown as ModernEndpoint).call(message, modern.caller);
  return { reached, answers: [...legacy.answers, ...modern.answers], errors: [...legacy.errors, ...modern.errors] };
}

const errorsOf = (errors: readonly GatewayError[]) => errors.map(({ name }) => name);
const toolsIn = (answer: string) =>
  (JSON.parse(Buffer.from(answer, "latin1").toString()) as { result: { tools: { name: string }[] } }).result.tools.map(
    ({ name }) => name,
  );

const NAMES = ["read_a", "read_b", "list", "delete_a", "löschen", "🚢", "a b", "A", "a", "@resources", "x.y"];
const PIECES = [
  "*",
  "?",
  "read_*",
  "!delete_*",
  "list",
  "!list",
  "a*",
  "*a",
  "löschen",
  "!🚢",
  "@resources",
  "@prompts",
  "!*",
];

const ann: Principal = { id: "ann", name: "ann@example.org", teams: ["team"] };

describe("what is listed is what can be called", () => {
  test("for any patterns of a token and of allow, in both eras", () => {
    const random = randomNumbers(15);
    const some = () => Array.from({ length: 1 + random(3) }, () => PIECES[random(PIECES.length)]!);
    const list = bytes({ tools: NAMES.map((name) => ({ name })) });
    for (let tried = 0; tried < 400; tried++) {
      const principal = { ...ann, ...(random(2) === 0 && { tools: some() }) };
      const allow: Allow = {
        [["team", "ANN@example.org", "*", "other"][random(4)]!]: some(),
        "ops@example.org": ["*"],
      };
      const { answers } = askBoth(requestOf("tools/list"), principal, { allow, result: list });
      expect(answers.map(toolsIn)[0]).toEqual(answers.map(toolsIn)[1]);
      for (const name of NAMES) {
        const { reached, errors } = askBoth(requestOf("tools/call", { name }), principal, { allow });
        const isListed = toolsIn(answers[0]!).includes(name);
        expect([reached.length, errorsOf(errors)], `${name} ${JSON.stringify([principal, allow])}`).toEqual(
          isListed ? [2, []] : [0, ["tool-not-offered", "tool-not-offered"]],
        );
      }
    }
  });

  test("a refused tool is unknown, as one that does not exist, and a call without an id reaches nothing either", () => {
    const principal = { id: "ci", tools: ["read_*"] };
    const refused = askBoth(requestOf("tools/call", { name: "delete_a" }), principal).errors;
    expect(refused.map(({ code, status, message }) => [code, status, message])).toEqual(
      refused.map(() => [-32602, 200, "Unknown tool: delete_a. See tools/list for what there is."]),
    );
    const told: Message[] = [];
    const lane = { tell: (message: Message) => void told.push(message) } as unknown as Lane;
    const filtered = new FilteredLane(permissions(), lane, { principal });
    for (const name of ["delete_a", "read_a"])
      filtered.tell({ ...notificationOf("x", { name }), method: "tools/call" });
    filtered.tell(notificationOf("initialized"));
    expect(told).toHaveLength(2);
  });
});

describe("allow", () => {
  const allow: Allow = { "Ops@Example.org": ["*"], team: ["read_*"], "*": ["list"] };
  test.each([
    ["its name, whatever the capitals", { id: "1", name: "ops@example.org" }, NAMES],
    ["a team, and everybody", { id: "2", name: "bob", teams: ["team"] }, ["read_a", "read_b", "list"]],
    ["everybody", { id: "3" }, ["list"]],
    ["the operator, whom it does not concern", { id: "4", isOperator: true }, NAMES],
    ["a token that opens less", { id: "5", teams: ["team"], tools: ["*_a"] }, ["read_a"]],
    ["a token that opens nothing", { id: "6", isOperator: true, tools: [] }, []],
  ] as const)("grants what it says to %s", (_, principal, expected) => {
    const filter = permissions(allow);
    expect(NAMES.filter((name) => filter.shows(name, principal))).toEqual(expected);
    expect(filter.admits(principal)).toBe(expected.length > 0);
  });

  test.each([
    ["mi\u212Ae@example.org", "the Kelvin sign, which Unicode takes for k"],
    ["mike@example.org\u200b", "a space without a width"],
    ["mіke@example.org", "a letter of Cyrillic"],
    ["mıke@example.org", "an i without its dot"],
    ["MİKE@example.org", "an I with a dot"],
    ["ｍike@example.org", "a wide letter"],
    ["mike@example.org ", "a space"],
    ["mike@example.org\u0000", "a zero"],
    ["*", "a name for everybody"],
    ["__proto__", "a word of JavaScript"],
  ])("does not take %j for somebody else, with %s", (name) => {
    const filter = permissions({ "mike@example.org": ["*"], "straße@example.org": ["*"] });
    expect(filter.admits({ id: "1", name })).toBe(false);
    expect(filter.admits({ id: "1", name: "bob", teams: [name] })).toBe(false);
    expect(filter.admits({ id: "1", name: "MIKE@example.org" })).toBe(true);
    expect(filter.admits({ id: "1", name: "strasse@example.org" })).toBe(false);
  });

  test("takes the spellings of one accented name for the same", () => {
    const filter = permissions({ "zoë@example.org": ["*"] });
    for (const name of ["Zoë@example.org".normalize("NFD"), "ZOË@example.org"])
      expect(filter.admits({ id: "1", name })).toBe(true);
  });

  test("admits nobody whom it does not name", () => {
    expect(permissions({ team: ["*"] }).admits({ id: "bob" })).toBe(false);
    expect(permissions({ team: ["!*"] }).admits({ id: "bob", teams: ["team"] })).toBe(false);
    expect(permissions().admits({ id: "bob" })).toBe(true);
  });

  test("is told in the log where one of its patterns fits no tool", () => {
    const lines: string[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
    const filter = new Permissions({ service: "memory", allow: { team: ["read_*", "raed_*", "@prompts", "*"] } }, log);
    const tools = new Tools({});
    filter.checkWith(tools);
    void tools.list({ ask: () => Promise.resolve({ tools: [{ name: "read_a" }] }) } as never);
    return expect
      .poll(() => lines.map((line) => (JSON.parse(line) as { msg: string }).msg))
      .toEqual(["allow: team: no tool is called like raed_*. The server has read_a."]);
  });
});

describe("resources and prompts", () => {
  const ASKED: readonly (readonly [method: string, params: object, kind: string])[] = [
    ["resources/read", { uri: "a:b" }, "@resources"],
    ["resources/subscribe", { uri: "a:b" }, "@resources"],
    ["prompts/get", { name: "read_a" }, "@prompts"],
    ["completion/complete", { ref: { type: "ref/prompt", name: "x" } }, "@prompts"],
    ["completion/complete", { ref: { type: "ref/resource", uri: "x" } }, "@resources"],
    ["subscriptions/listen", { notifications: { resourceSubscriptions: ["a:b"] } }, "@resources"],
  ];

  test.each(ASKED)("%s %j is refused to a token of some tools, unless it says %s", (method, params, kind) => {
    const message = requestOf(method, params);
    const refused = askBoth(message, { id: "ci", tools: ["read_*"] });
    expect([refused.reached, errorsOf(refused.errors)]).toEqual([[], ["kind-not-allowed", "kind-not-allowed"]]);
    for (const tools of [["read_*", kind], ["*"], ["!delete_*"]])
      expect(askBoth(message, { id: "ci", tools }).reached).toHaveLength(2);
    for (const tools of [[`!${kind}`], ["*", `!${kind}`], ["*s"], []])
      expect(askBoth(message, { id: "ci", tools }).reached).toHaveLength(0);
  });

  test.each([
    ["resources/list", "resources"],
    ["resources/templates/list", "resourceTemplates"],
    ["prompts/list", "prompts"],
  ])("%s is empty then, as clients ask for it when they connect", (method, key) => {
    const { answers } = askBoth(
      requestOf(method),
      { id: "ci", tools: ["read_*"] },
      { result: `{"${key}":[{"name":"x"}]}` },
    );
    for (const answer of answers) expect(JSON.parse(answer)).toMatchObject({ result: { [key]: [] } });
  });

  test("a method that nobody knows is not passed on, as nobody knows what it tells", () => {
    const { reached, errors } = askBoth(requestOf("tools/describe", { name: "x" }), { id: "ci", tools: ["read_*"] });
    expect([reached, errorsOf(errors)]).toEqual([[], ["method-not-found", "method-not-found"]]);
    for (const method of ["ping", "logging/setLevel", "server/discover", "subscriptions/listen", "tasks/get"])
      expect(askBoth(requestOf(method), { id: "ci", tools: ["read_*"] }).reached, method).toHaveLength(2);
  });
});

describe("a tool outside the scopes of a login", () => {
  const principal: Principal = { id: "ann", tools: ["!drop"], scopedTools: ["read_*"] };

  test("is listed, and a call of it says which scope would open it", () => {
    const list = bytes({ tools: NAMES.map((name) => ({ name })) });
    expect(askBoth(requestOf("tools/list"), principal, { result: list }).answers.map(toolsIn)).toEqual([NAMES, NAMES]);
    const { reached, errors } = askBoth(requestOf("tools/call", { name: "delete_a" }), principal);
    expect(reached).toEqual([]);
    for (const error of errors)
      expect(error).toMatchObject({
        name: "insufficient-scope",
        status: 403,
        data: { scope: "tools:memory:read_* tools:memory:delete_a" }, // with what is open already
      });
  });

  test.each(["a b", 'a"b', "löschen", "a*", "!a", "\u0000"])(
    "has the whole service's where it cannot be one: %j",
    (name) => {
      const { errors } = askBoth(requestOf("tools/call", { name }), principal);
      expect(errors[0]).toMatchObject({ name: "insufficient-scope", data: { scope: "memory" } });
    },
  );

  test("is unknown all the same where something else refuses it", () => {
    expect(errorsOf(askBoth(requestOf("tools/call", { name: "drop" }), principal).errors)[0]).toBe("tool-not-offered");
  });

  test("counts for resources and prompts, too", () => {
    const { errors } = askBoth(requestOf("resources/read", { uri: "a:b" }), { ...principal, tools: ["*"] });
    expect(errors[0]).toMatchObject({ data: { scope: "tools:memory:read_* tools:memory:@resources" } });
  });
});

describe("lists that differ between callers", () => {
  const result = '{"tools":[{"name":"read_a"}],"ttlMs":1,"cacheScope":"public"}';
  const scopeFor = (principal: Principal, allow?: Allow) =>
    askBoth(requestOf("tools/list"), principal, { ...(allow && { allow }), result }).answers.map(
      (answer) => (JSON.parse(answer) as { result: { cacheScope: string } }).result.cacheScope,
    );

  test("are nobody's but their caller's in any cache", () => {
    expect(scopeFor({ id: "ci", tools: ["read_*"] })).toEqual(["private", "private"]);
    expect(scopeFor({ id: "ci" })).toEqual(["public", "public"]);
    const answers = modernCaller();
    const endpoint = {
      call: (_: Message, caller: LaneCaller) => caller.answer(`{"result":${result}}`),
    } as unknown as ModernEndpoint;
    new FilteredEndpoint(permissions(undefined, true), endpoint).call(requestOf("tools/list"), answers.caller);
    expect(answers.answers[0]).toContain('"cacheScope":"private"');
  });
});

test("a token that has ended opens nothing, also on a connection that is open", () => {
  const { reached, errors } = askBoth(requestOf("ping"), { id: "ci", expires: Date.now() - 1 });
  expect([reached, errors[0]?.status]).toEqual([[], 401]);
  expect(errors[0]?.message).toMatch(/this one has expired/);
  expect(askBoth(requestOf("ping"), { id: "ci", expires: Date.now() + 60_000 }).reached).toHaveLength(2);
});

test.each([
  [["*"], true, true, true],
  [["!x"], true, true, true],
  [[], false, false, false],
  [["@prompts"], false, false, true],
  [["!@prompts"], false, true, false],
  [["read_*", "@resources"], false, true, false],
] as const)(
  "the patterns %j open other tools: %s, resources: %s, prompts: %s",
  (patterns, tool, resources, prompts) => {
    const grant = new Grant(patterns);
    expect([grant.opens("other"), grant.opensKind("resources"), grant.opensKind("prompts")]).toEqual([
      tool,
      resources,
      prompts,
    ]);
  },
);
