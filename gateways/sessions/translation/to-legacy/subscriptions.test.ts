/** Subscriptions of modern clients in front of a legacy server, without the server. */
import { expect, test } from "vitest";
import { deferred } from "../../../deferred.ts";
import { GatewayError } from "../../../errors.ts";
import { modernCaller, notificationOf, requestOf, type RecordingCaller } from "../../../fixtures/modern-caller.ts";
import { Subscriptions, type Capabilities } from "./subscriptions.ts";

const ALL: Capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
};
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

/** Subscriptions, and what the server was asked. It agrees when it is told to, or at once to all but `refused:`. */
function subscriptions(agree?: (uri: string) => Promise<boolean>) {
  const asked: string[] = [];
  const own = new Subscriptions({
    subscribe: (uri) => {
      asked.push(`subscribe ${uri}`);
      return agree?.(uri) ?? Promise.resolve(!uri.startsWith("refused:"));
    },
    unsubscribe: (uri) => void asked.push(`unsubscribe ${uri}`),
  });
  const listen = async (notifications: unknown, { id = "1", capabilities = ALL, as = modernCaller() } = {}) => {
    await own.listen(requestOf("subscriptions/listen", { notifications }, id), as.caller, capabilities);
    return as;
  };
  const tell = (method: string, params?: object) => own.tell(notificationOf(method, params));
  const cancel = ({ caller }: RecordingCaller) => own.cancel(caller, new GatewayError("cancelled"));
  return { own, asked, listen, tell, cancel };
}

const agreedIn = (text: string) => (JSON.parse(text) as { params: { notifications: unknown } }).params.notifications;
const everything = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

test("the first message acknowledges exactly what was requested and the server supports", async () => {
  const { listen } = subscriptions();
  const agreed = async (wanted: object, capabilities: Capabilities) =>
    agreedIn((await listen(wanted, { capabilities })).texts[0]!);
  expect(await agreed(everything, ALL)).toEqual(everything);
  expect(await agreed(everything, { tools: { listChanged: true }, prompts: {} })).toEqual({ toolsListChanged: true });
  expect(await agreed({ toolsListChanged: false, promptsListChanged: 1 }, ALL)).toEqual({});
  expect(await agreed({ resourceSubscriptions: ["a:", "refused:b"] }, ALL)).toEqual({ resourceSubscriptions: ["a:"] });
  expect(await agreed({ resourceSubscriptions: ["a:"] }, { resources: {} })).toEqual({});
  expect(await agreed({}, {})).toEqual({});
});

test.each(["7", '"7"', "9007199254740993"])(
  "every message carries the subscription's id as it was written, %s",
  async (id) => {
    const { own, listen, tell } = subscriptions();
    const { texts, answers } = await listen(everything, { id });
    tell("tools/list_changed");
    own.end();
    expect(texts).toHaveLength(2);
    for (const text of texts) expect(text).toContain(`"_meta":{"${SUBSCRIPTION}":${id}}`);
    expect(answers).toEqual([
      `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","_meta":{"${SUBSCRIPTION}":${id}}}}`,
    ]);
  },
);

test("a change reaches those who subscribed to it, and nobody else", async () => {
  const { listen, tell } = subscriptions();
  const kinds = ["tools", "prompts", "resources"];
  const some = await Promise.all(kinds.map((kind) => listen({ [`${kind}ListChanged`]: true })));
  const reader = await listen({ resourceSubscriptions: ["a:"] });
  for (const kind of kinds) tell(`${kind}/list_changed`);
  for (const uri of ["a:", "b:"]) tell("resources/updated", { uri });
  tell("message", { level: "error" });
  tell("resources/updated");
  const acknowledged = "subscriptions/acknowledged";
  expect(some.map(({ methods }) => methods())).toEqual(kinds.map((kind) => [acknowledged, `${kind}/list_changed`]));
  expect(reader.methods()).toEqual([acknowledged, "resources/updated"]);
  expect(reader.texts[1]).toContain('"uri":"a:"');
});

test("changes before the acknowledgement are not passed on", async () => {
  const { promise, resolve } = deferred<boolean>();
  const { listen, tell } = subscriptions(() => promise);
  const as = modernCaller();
  const listening = listen({ ...everything, resourceSubscriptions: ["a:"] }, { as });
  tell("tools/list_changed");
  resolve(true);
  await listening;
  tell("prompts/list_changed");
  expect(as.methods()).toEqual(["subscriptions/acknowledged", "prompts/list_changed"]);
});

test.each([undefined, null, [], "all", 5])("a filter that is not an object, %j, is refused", async (filter) => {
  const { own, listen } = subscriptions();
  const { errors, texts } = await listen(filter);
  expect([errors[0]?.name, texts, own.size]).toEqual(["invalid-params", [], 0]);
});

test.each(["a:", {}, [5], ["a:", null]])(
  "resources that are not a list of URIs, %j, are refused",
  async (resourceSubscriptions) => {
    const { own, listen, asked } = subscriptions();
    const { errors } = await listen({ resourceSubscriptions });
    expect([errors[0]?.name, asked, own.size]).toEqual(["invalid-params", [], 0]);
  },
);

test("the server is told when the last subscriber of a resource has left", async () => {
  const { listen, asked, cancel } = subscriptions();
  const [ann, bob] = [
    await listen({ resourceSubscriptions: ["a:"] }),
    await listen({ resourceSubscriptions: ["a:", "b:"] }),
  ];
  asked.length = 0;
  expect(cancel(bob)).toBe(true);
  expect(asked).toEqual(["unsubscribe b:"]);
  expect(cancel(bob)).toBe(false);
  expect(cancel(ann)).toBe(true);
  expect(asked).toEqual(["unsubscribe b:", "unsubscribe a:"]);
  expect(bob.errors).toHaveLength(1);
});

test("a subscription that the server refused is not ended either", async () => {
  const { listen, asked, cancel } = subscriptions();
  const listener = await listen({ resourceSubscriptions: ["a:", "refused:b"] });
  asked.length = 0;
  cancel(listener);
  expect(asked).toEqual(["unsubscribe a:"]);
});

test("a subscriber of a resource is told of changes of resources below it", async () => {
  const { listen, tell } = subscriptions();
  const [folder, slash] = [
    await listen({ resourceSubscriptions: ["file:///a"] }),
    await listen({ resourceSubscriptions: ["file:///b/"] }),
  ];
  const told = ["file:///a", "file:///a/x", "file:///a/x/y", "file:///b/", "file:///b/x"];
  for (const uri of [...told, "file:///ab", "file:///", "file:///b", "file:///c"]) tell("resources/updated", { uri });
  const uris = [folder, slash].flatMap(({ texts }) => texts.slice(1).map((text) => /"uri":"([^"]*)"/.exec(text)?.[1]));
  expect(uris).toEqual(told);
});

test("a caller that leaves before the acknowledgement gets none, and its subscription is ended", async () => {
  const { promise, resolve } = deferred<boolean>();
  const { own, listen, asked, cancel } = subscriptions(() => promise);
  const as = modernCaller();
  const listening = listen({ resourceSubscriptions: ["a:"] }, { as });
  cancel(as);
  resolve(true);
  await listening;
  expect([as.texts, own.size, asked]).toEqual([[], 0, ["subscribe a:", "unsubscribe a:"]]);
});

test("after `end` no subscription is left, and nothing more is told", async () => {
  const { own, listen, tell } = subscriptions();
  const { texts, answers } = await listen(everything);
  own.end();
  own.end();
  tell("tools/list_changed");
  expect([own.size, texts.length, answers.length]).toEqual([0, 1, 1]);
});

test("one client may have 100 subscriptions with 1,000 resources in all", async () => {
  const { listen, cancel } = subscriptions();
  const many = Array.from({ length: 1_000 }, (_, n) => `a:${n}`);
  const greedy = await listen({ resourceSubscriptions: many });
  expect((await listen({ resourceSubscriptions: ["b:"] })).errors[0]?.name).toBe("too-many-subscriptions");
  cancel(greedy);
  const hundred = await Promise.all(Array.from({ length: 100 }, () => listen(everything)));
  expect(hundred.flatMap(({ errors }) => errors)).toEqual([]);
  expect((await listen(everything)).errors[0]?.name).toBe("too-many-listeners");
});

test("a caller that leaves does not end another's subscription that is still being opened", async () => {
  const { promise, resolve } = deferred<boolean>();
  const { listen, asked, cancel } = subscriptions(() => promise);
  const [leaver, stayer] = [modernCaller(), modernCaller()];
  const both = [leaver, stayer].map((as) => listen({ resourceSubscriptions: ["a:"] }, { as }));
  cancel(leaver);
  resolve(true);
  await Promise.all(both);
  expect(asked).not.toContain("unsubscribe a:");
});
