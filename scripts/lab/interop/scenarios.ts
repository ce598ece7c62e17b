/** The scenarios of the conformance suite, and which of them a gateway can pass with each kind of child behind it. */
import { words } from "./servers.ts";

export type Revision = "2025-11-25" | "2026-07-28";

interface Requirements {
  readonly scored: readonly string[];
  readonly notScored: readonly string[];
}

const bothRevisions = words(`
  completion-complete tools-list tools-call-simple-text tools-call-image tools-call-audio tools-call-embedded-resource
  tools-call-mixed-content tools-call-error tools-call-with-progress server-sse-multiple-streams resources-list
  resources-read-text resources-read-binary resources-templates-read prompts-list prompts-get-simple
  prompts-get-with-args prompts-get-embedded-resource prompts-get-with-image dns-rebinding-protection
`);

const fromTools = words(`
  input-required-result-basic-elicitation input-required-result-basic-sampling input-required-result-basic-list-roots
  input-required-result-request-state input-required-result-multiple-input-requests input-required-result-multi-round
  input-required-result-non-tool-request input-required-result-result-type input-required-result-tampered-state
  input-required-result-capability-check input-required-result-missing-input-response
  input-required-result-ignore-extra-params
`);

/** By name, so that a scenario that the suite no longer runs is noticed. */
export const requirements: Readonly<Record<Revision, Requirements>> = {
  "2025-11-25": {
    scored: [
      ...bothRevisions,
      ...words(`
        server-initialize logging-set-level ping tools-call-with-logging tools-call-sampling tools-call-elicitation
        elicitation-sep1034-defaults elicitation-sep1330-enums resources-subscribe resources-unsubscribe
      `),
    ],
    notScored: words("server-session-lifecycle json-schema-2020-12 server-sse-polling"),
  },
  "2026-07-28": {
    scored: [
      ...bothRevisions,
      ...fromTools,
      ...words(`
        server-stateless sep-2164-resource-not-found caching input-required-result-unsupported-methods
        input-required-result-validate-input
      `),
    ],
    notScored: words(`
      json-schema-2020-12 http-header-validation http-custom-header-server-validation tasks-lifecycle
      tasks-capability-negotiation tasks-wire-fields tasks-request-state-removal tasks-mrtr-input tasks-request-headers
      tasks-dispatch-and-envelope tasks-status-notifications tasks-required-task-error tasks-mrtr-composition
    `),
  },
};

export interface Setting {
  readonly revision: Revision;
  /** The era of the server behind the gateway. */
  readonly child: "dual" | "legacy" | "modern";
  /** Whether the suite reaches the gateway through `gangway connect`, behind another gateway that starts it. @default false */
  readonly connects?: boolean;
  /** Scenarios that do not pass, scored or not. */
  readonly unmet: readonly string[];
  /** Scenarios that are not scored, and pass. */
  readonly extra: readonly string[];
}

const legacyExtra = requirements["2025-11-25"].notScored;
// This server does not support the tasks extension: its scenarios are in neither list.
const modernExtra = words("json-schema-2020-12 http-header-validation");
const customHeaders = "http-custom-header-server-validation";

export const settings: readonly Setting[] = [
  { revision: "2025-11-25", child: "dual", unmet: [], extra: legacyExtra },
  { revision: "2026-07-28", child: "dual", unmet: [], extra: [...modernExtra, customHeaders] },
  {
    revision: "2026-07-28",
    child: "legacy",
    unmet: [
      // Needs tools that only a modern server has: test_missing_capability, test_streaming_elicitation, ...
      "server-stateless",
      // Need tools that send requests to the client. A legacy server sends them in the middle of a call, which would have to
      // be parked until the client calls again; so this one has none of these tools.
      ...fromTools,
      // Needs a tool with x-mcp-header, which a legacy server does not have.
      customHeaders,
    ],
    extra: modernExtra,
  },
  {
    revision: "2025-11-25",
    child: "dual",
    connects: true,
    unmet: ["server-sse-polling"], // how long to wait before a stream is opened again is not said over stdio
    extra: legacyExtra.filter((scenario) => scenario !== "server-sse-polling"),
  },
  { revision: "2026-07-28", child: "dual", connects: true, unmet: [], extra: [...modernExtra, customHeaders] },
  // Each input request of a modern server goes to the client while the call stays open: every scenario can pass.
  { revision: "2025-11-25", child: "modern", unmet: [], extra: legacyExtra },
];

/** The scored scenarios that pass in a setting. */
export function met({ revision, unmet }: Setting): string[] {
  return requirements[revision].scored.filter((scenario) => !unmet.includes(scenario));
}
