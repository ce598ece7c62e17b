/**
 * The tools of each service with their schemas, which nothing but the page needs: asked for when somebody looks, and again when
 * the server was started anew, says that they have changed, or was asked long ago (an upstream need not tell of changes).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Tools } from "../bridge/tools.ts";
import { LATEST_MODERN, META } from "../bridge/versions.ts";
import { GatewayError } from "../errors.ts";
import { decode, readMessage, request, withMembers, member, type Message } from "../jsonrpc.ts";
import type { Principal } from "../principal.ts";
import type { Served } from "../served.ts";
import type { ModernCaller } from "../sessions/servers/contract.ts";
import { eachTool } from "../sessions/tools/search/listed-tools.ts";
import { LegacyClient } from "../sessions/translation/to-legacy/legacy-client.ts";
import type { Tool } from "./status.ts";
import { toldJson } from "./told-json.ts";

/** How many tools of a service fit on the page, and how many characters of JSON. */
const MOST_TOOLS = 500;
const MOST_CHARACTERS = 512 * 1024;

/** Milliseconds that a server may take, after which a list is old, and between two questions. */
const LIST_TIME = 30_000;
const OLD = 600_000;
const PAUSE = 5_000;

/** The principal on whose behalf the gateway asks. */
const PAGE: Principal = { id: "page", isOperator: true };

/** What is known of a service's tools. */
export interface ToolList {
  readonly tools: readonly Tool[];
  /** How many further ones there are. */
  readonly more: number;
}

/** The tools that a visitor may see. @param principal who it is for the service; undefined = somebody on this machine */
export function listFor({ service }: Served, principal: Principal | undefined, list: ToolList): ToolList {
  if (!principal) return list;
  const tools = list.tools.filter(({ name }) => service.offers(name, principal));
  return tools.length === list.tools.length ? list : { tools, more: 0 }; // it is not said how many others there are
}

interface Known {
  list: ToolList | undefined;
  asking: Promise<void> | undefined;
  /** When it was asked (performance.now()), and what its server had said until then. */
  asked: number;
  changes: number;
  listed: Tools | undefined;
}

/** The tools of all services. */
export class ToolLists {
  readonly #known = new WeakMap<Served, Known>();

  /** The tools as they were listed last; asks for them again if need be. Undefined before they are known. */
  of(served: Served): ToolList | undefined {
    if (!isAsked(served)) return undefined;
    const known = this.#known.get(served) ?? {
      list: undefined,
      asking: undefined,
      asked: -Infinity,
      changes: 0,
      listed: undefined,
    };
    this.#known.set(served, known);
    if (isDue(known, served)) known.asking = ask(known, served).finally(() => (known.asking = undefined));
    return known.list;
  }

  /** Resolves when the list that is being asked for has come or failed, but waits no longer than so many milliseconds. */
  async settled(served: Served, patience: number): Promise<void> {
    const asking = this.#known.get(served)?.asking;
    if (!asking || this.#known.get(served)?.list) return;
    const over = new AbortController();
    await Promise.race([asking, sleep(patience, undefined, { signal: over.signal, ref: false }).catch(() => {})]);
    over.abort();
  }
}

/** A group of services that are on the page themselves would repeat their tools. */
const isAsked = ({ service, server }: Served) =>
  service.state === "up" &&
  !service.rests &&
  !(server.kind === "group" && server.members.every(({ url }) => url === undefined));

function isDue({ asking, asked, changes, listed, list }: Known, { service }: Served): boolean {
  const age = performance.now() - asked;
  if (asking || age < PAUSE) return false;
  return list === undefined || age > OLD || changes !== service.toolListChanges.count || listed !== service.listedTools;
}

async function ask(known: Known, { service, log }: Served): Promise<void> {
  known.asked = performance.now();
  known.changes = service.toolListChanges.count;
  known.listed = service.listedTools;
  const lanes = { lane: service.lane.bind(service) };
  const client = new LegacyClient(PAGE, lanes, () => {});
  const over = new GatewayError("cancelled");
  const timer = setTimeout(() => void client.close(over), LIST_TIME).unref();
  try {
    await client.open();
    known.list = await read(client);
  } catch (error) {
    log.debug({ service: service.name, reason: (error as Error).message }, "the page could not list the tools");
  } finally {
    clearTimeout(timer);
    void client.close(over);
  }
}

async function read(client: LegacyClient): Promise<ToolList> {
  const tools: Tool[] = [];
  let room = MOST_CHARACTERS;
  let more = 0;
  await eachTool(
    (cursor) => page(client, cursor),
    ({ text }) => {
      const fits = tools.length < MOST_TOOLS && text.length <= room;
      if (fits) {
        room -= text.length;
        tools.push(toolIn(text));
      } else more++;
      return true;
    },
  );
  return { tools, more };
}

/** @throws GatewayError */
function page(client: LegacyClient, cursor: string | undefined): Promise<Message> {
  const meta = { [META.version]: LATEST_MODERN, [META.capabilities]: {} };
  const first = request('"page"', "tools/list", { _meta: meta });
  const asked = readMessage(first) as Message;
  const next =
    cursor === undefined ? asked : (readMessage(withMembers(first, asked.params, member("cursor", cursor))) as Message);
  return new Promise((resolve, reject) => {
    const caller: ModernCaller = {
      principal: PAGE,
      address: "page",
      logLevel: undefined,
      message: () => {},
      fail: reject,
      answer: (text) => resolve(readMessage(text) as Message),
    };
    client.call(next, caller);
  });
}

/** What the page shows of a tool; whatever else its server says of it is left out. */
function toolIn(text: string): Tool {
  const { name, title, description, inputSchema, outputSchema, annotations } = toldJson(
    decode(text, { start: 0, end: text.length }),
  ) as Record<string, unknown>;
  return {
    name: name as string,
    ...(typeof title === "string" && { title }),
    ...(typeof description === "string" && { description }),
    ...(inputSchema !== undefined && { inputSchema }),
    ...(outputSchema !== undefined && { outputSchema }),
    ...(isObject(annotations) && { annotations }),
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
