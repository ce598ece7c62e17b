/** The subscriptions that the gateway holds at a modern server, without the server. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Caller } from "../../../bridge/connection.ts";
import { GatewayError } from "../../../errors.ts";
import { bytes } from "../../../fixtures/modern-caller.ts";
import { readMessage, type Message } from "../../../jsonrpc.ts";
import { newRecord } from "../../servers/contract.ts";
import type { Supervisor } from "../../servers/supervisor.ts";
import { ToModernBackend } from "./backend.ts";
import { ModernSubscriptions, type Subscriber } from "./subscriptions.ts";
import type { ModernServer } from "../../servers/modern.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const INITIALIZE = readMessage('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}') as Message;

interface Stream {
  readonly wanted: { readonly resourceSubscriptions?: readonly string[] };
  readonly caller: Caller;
  open: boolean;
}

const message = (method: string, params: object) =>
  `{"jsonrpc":"2.0","method":"notifications/${method}","params":${bytes(params)}}`;

/** Subscriptions, the streams that were opened for them, and what their server says on those. */
function subscriptions() {
  const streams: Stream[] = [];
  const connection = {
    call: ({ text }: Message, caller: Caller) => {
      const { params } = JSON.parse(text) as { params: { notifications: Stream["wanted"] } };
      streams.push({ wanted: params.notifications, caller, open: true });
    },
    cancel: (caller: Caller) => {
      for (const stream of streams) if (stream.caller === caller) stream.open = false;
      caller.fail(new GatewayError("cancelled"));
    },
  };
  const server = { running: { connection } as object | undefined };
  const all = new Set<Subscriber>();
  const own = new ModernSubscriptions(server as unknown as Supervisor<unknown>, all);
  const agree = (stream = streams.at(-1)!, notifications: object = stream.wanted) =>
    stream.caller.message(message("subscriptions/acknowledged", { notifications }));
  return { own, streams, server, all, agree, connection };
}

/** A subscriber, and what it is told. */
function subscriber() {
  const heard: string[] = [];
  return { heard, tellClient: ({ text }: Message) => void heard.push(text) };
}

const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

test("one subscription serves the lists, however often it is requested, and every subscriber is told", () => {
  const { own, streams, all, agree } = subscriptions();
  const [ann, bob] = [subscriber(), subscriber()];
  for (const one of [ann, bob]) all.add(one);
  for (const _ of [1, 2]) own.subscribeToLists();
  expect(streams.map(({ wanted }) => wanted)).toEqual([LISTS]);
  agree();
  streams[0]!.caller.message(message("tools/list_changed", { _meta: {} }));
  for (const { heard } of [ann, bob])
    expect(heard).toEqual(['{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}']);
});

test("one subscription serves all subscribers of a resource until the last has left", async () => {
  const { own, streams, agree } = subscriptions();
  const [ann, bob] = [subscriber(), subscriber()];
  const agreed = [own.subscribe("a:", ann), own.subscribe("a:", bob), own.subscribe("b:", bob)];
  expect(streams.map(({ wanted }) => wanted.resourceSubscriptions)).toEqual([["a:"], ["b:"]]);
  for (const stream of streams) agree(stream);
  expect(await Promise.all(agreed)).toEqual([true, true, true]);
  for (const { caller, wanted } of streams)
    caller.message(message("resources/updated", { uri: wanted.resourceSubscriptions![0] }));
  expect([ann.heard.length, bob.heard.length]).toEqual([1, 2]);
  own.unsubscribe("a:", ann);
  own.unsubscribe("a:", ann);
  own.unsubscribe("c:", ann);
  expect(streams[0]!.open).toBe(true);
  streams[0]!.caller.message(message("resources/updated", { uri: "a:" }));
  expect([ann.heard.length, bob.heard.length]).toEqual([1, 3]);
  own.unsubscribe("a:", bob);
  expect(streams.map(({ open }) => open)).toEqual([false, true]);
});

test.each<[string, (stream: Stream) => void]>([
  [
    "agrees to others",
    ({ caller }) =>
      caller.message(message("subscriptions/acknowledged", { notifications: { resourceSubscriptions: ["b:"] } })),
  ],
  ["agrees to nothing", ({ caller }) => caller.message(message("subscriptions/acknowledged", { notifications: {} }))],
  ["answers with an error", ({ caller }) => caller.answer('{"jsonrpc":"2.0","id":0,"error":{}}')],
  ["ends", ({ caller }) => caller.fail(new GatewayError("child-died"))],
  ["says nothing for 10 s", () => vi.advanceTimersByTime(10_000)],
])("a server that %s does not tell of the resource", async (_, happens) => {
  const { own, streams } = subscriptions();
  const agreed = own.subscribe("a:", subscriber());
  happens(streams[0]!);
  expect(await agreed).toBe(false);
});

test("a session that has ended is told nothing more", async () => {
  const modern = {
    supervisor: { options: { service: "test", requestTimeout: 1 } },
    renewed: new Set(),
    queue: undefined,
    lanes: new Set(),
    actingFor: (): unknown => modern,
  };
  const backend = new ToModernBackend(modern as unknown as ModernServer);
  const lane = backend.lane({ principal: { id: "ann" }, record: newRecord(INITIALIZE), fromServer: () => {} });
  expect(backend.lanes.size).toBe(1);
  expect(modern.lanes.size).toBe(1);
  await lane.close(new GatewayError("session-not-found"));
  expect([backend.lanes.size, modern.lanes.size]).toEqual([0, 0]);
});

test("every subscription that is still needed is opened again at a new server", () => {
  const { own, streams, server, connection } = subscriptions();
  const ann = subscriber();
  own.subscribeToLists();
  void own.subscribe("a:", ann);
  void own.subscribe("b:", ann);
  own.unsubscribe("b:", ann);
  server.running = undefined;
  void own.subscribe("c:", ann); // there is nobody to be asked
  expect(streams).toHaveLength(3);
  server.running = { connection };
  own.renew();
  expect(streams.slice(3).map(({ wanted }) => wanted)).toEqual([
    LISTS,
    { resourceSubscriptions: ["a:"] },
    { resourceSubscriptions: ["c:"] },
  ]);
});

test("a subscription that the server ends is opened again after 5 s if anybody still needs it", () => {
  const { own, streams, agree } = subscriptions();
  const ann = subscriber();
  own.subscribeToLists();
  void own.subscribe("a:", ann);
  void own.subscribe("b:", ann);
  for (const stream of streams) agree(stream);
  for (const { caller } of streams.slice(0, 3)) caller.answer('{"jsonrpc":"2.0","id":0,"result":{}}');
  own.unsubscribe("b:", ann);
  vi.advanceTimersByTime(4_999);
  expect(streams).toHaveLength(3);
  vi.advanceTimersByTime(1);
  expect(streams.slice(3).map(({ wanted }) => wanted)).toEqual([LISTS, { resourceSubscriptions: ["a:"] }]);
});
