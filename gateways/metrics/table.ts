/**
 * Every metric there is. A new one is a line here, and a panel in templates/monitoring/dashboard.ts. What says something of one
 * client (a session, an address, a name) is no label: it would be in every series, and there would be no end of them.
 */
import type { Connections } from "../connections.ts";
import type { MemoryBudget } from "../memory-budget.ts";
import type { Service } from "../sessions/service.ts";
import { VERSION } from "../version.ts";
import type { Family, Sample } from "./exposition.ts";
import type { Operations } from "./operations.ts";
import type { Reading } from "./runtime.ts";

/** What is counted of a service, and the service. */
export interface Counted {
  readonly service: Service;
  readonly operations: Operations;
}

/** What the metrics tell of. */
export interface Subject {
  readonly services: readonly Counted[];
  readonly connections: Pick<Connections, "size" | "bytes" | "answered">;
  readonly memory: Pick<MemoryBudget, "whole">;
  readonly process: Reading;
}

type Metric = Omit<Family, "name" | "samples"> & { readonly read: (of: Subject) => Iterable<Sample> };

/** Of the whole gateway. */
const one = (type: "counter" | "gauge", help: string, read: (of: Subject) => number | undefined): Metric => ({
  type,
  help,
  read: (of) => {
    const value = read(of);
    return value === undefined ? [] : [[{}, value]];
  },
});

/** Of each service. */
const each = (type: "counter" | "gauge", help: string, read: (service: Service, of: Subject) => number): Metric => ({
  type,
  help,
  read: (of) => of.services.map(({ service }) => [{ service: service.name }, read(service, of)]),
});

/** Of each service, by other labels too. */
const by = (
  type: Metric["type"],
  help: string,
  read: (operations: Operations, service: string) => Iterable<Sample>,
): Metric => ({
  type,
  help,
  read: ({ services }) => services.flatMap(({ service, operations }) => [...read(operations, service.name)]),
});

const total = ({ services }: Subject, read: (operations: Operations) => number) =>
  services.reduce((sum, { operations }) => sum + read(operations), 0);

const openStreams = ({ name }: Service, { connections }: Subject) =>
  connections.answered.filter(({ service, isOpenEnded }) => service === name && isOpenEnded).length;

/** By their names, in the order in which they are written. */
export const METRICS = {
  mcp_gateway_requests_total: one("counter", "Requests of MCP that have ended, and those that were refused.", (of) =>
    total(of, ({ requests }) => requests),
  ),
  mcp_gateway_errors_total: one("counter", "Those of them that failed.", (of) => total(of, ({ errors }) => errors)),
  mcp_gateway_active_connections: one("gauge", "Connections of clients that are open.", (of) => of.connections.size),
  mcp_gateway_build_info: {
    type: "gauge",
    help: "Always 1; the labels say what runs.",
    read: () => [[{ version: VERSION, node: process.versions.node }, 1]],
  },
  mcp_server_operation_duration_seconds: by(
    "histogram",
    "Seconds from a request to its answer.",
    function* ({ series }, service) {
      for (const [{ method, tool, error }, histogram] of series)
        yield [{ service, mcp_method_name: method, gen_ai_tool_name: tool, error_type: error }, histogram];
    },
  ),
  mcp_server_session_duration_seconds: by("histogram", "Seconds that sessions were open.", ({ sessions }, service) => [
    [{ service }, sessions],
  ]),
  mcp_gateway_refusals_total: by("counter", "Errors of the gateway's own, by name.", function* ({ refusals }, service) {
    for (const [error, count] of refusals) yield [{ service, error }, count];
  }),
  mcp_gateway_store_operation_duration_seconds: by(
    "histogram",
    "Seconds that the store of sessions took.",
    function* ({ store }, service) {
      for (const { operation, error, histogram } of store) yield [{ service, operation, error_type: error }, histogram];
    },
  ),
  mcp_gateway_service_ready: each("gauge", "1 = its server can be called.", ({ state }) => Number(state === "up")),
  mcp_gateway_sessions: each("gauge", "Sessions that are open.", ({ sessionCount }) => sessionCount),
  mcp_gateway_open_streams: each("gauge", "Event streams and WebSockets that are open.", openStreams),
  mcp_gateway_open_calls: each("gauge", "Requests without an answer yet.", ({ openCalls }) => openCalls),
  mcp_gateway_waiting_calls: each("gauge", "Those that have not reached the server.", (one) => one.waitingCalls),
  mcp_gateway_server_processes: each("gauge", "Processes of its server, or connections to it.", (one) => one.children),
  mcp_gateway_server_restarts_total: each("counter", "How often its server ended by itself.", (one) => one.restarts),
  mcp_gateway_received_bytes_total: one("counter", "Bytes from clients.", (of) => of.connections.bytes.received),
  mcp_gateway_sent_bytes_total: one("counter", "Bytes to clients.", (of) => of.connections.bytes.sent),
  mcp_gateway_held_bytes: one("gauge", "Bytes that wait for a reader or a turn.", (of) => of.memory.whole.bytes),
  mcp_gateway_held_bytes_limit: one("gauge", "How many may (MEMORY_BUDGET).", (of) => of.memory.whole.most.bytes),
  mcp_gateway_disk_free_bytes: one("gauge", "Free bytes of the disk with its state.", (of) => of.process.disk?.free),
  mcp_gateway_disk_size_bytes: one("gauge", "All bytes of that disk.", (of) => of.process.disk?.size),
  nodejs_eventloop_lag_p99_seconds: one("gauge", "How late 99 % of its turns were at most.", (of) => of.process.lag),
  process_cpu_seconds_total: one("counter", "Seconds of processor time.", (of) => of.process.cpuSeconds),
  process_resident_memory_bytes: one("gauge", "Bytes of memory.", (of) => of.process.memory),
  process_start_time_seconds: one("gauge", "When it started, since 1970.", (of) => of.process.started),
} as const satisfies Readonly<Record<string, Metric>>;

/** All of them, read now. */
export function* read(of: Subject): Generator<Family> {
  for (const [name, { type, help, read: samples }] of Object.entries<Metric>(METRICS))
    yield { name, type, help, samples: samples(of) };
}
