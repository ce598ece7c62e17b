/** All verbs of `gangway`, in the order in which the help lists them. */
import type { Flags } from "./kit/arguments.ts";
import type { Verb } from "./kit/verb.ts";

/** A verb in the list. It is loaded when it is called, so that none waits for what another one imports. */
export interface Listed {
  /** Half a line of the help: at most 26 characters. */
  readonly summary: string;
  readonly load: () => Promise<Verb<Flags>>;
}

export type Verbs = Readonly<Record<string, Listed>>;

/** By what they are for. */
export const groups: Readonly<Record<string, Verbs>> = {
  "Run services here": {
    init: { summary: "make a project", load: async () => (await import("./init.ts")).init },
    start: { summary: "start the services", load: async () => (await import("./start.ts")).start },
    status: { summary: "show what runs where", load: async () => (await import("./status.ts")).status },
    logs: { summary: "show the log", load: async () => (await import("./logs.ts")).logs },
  },
  "Use them": {
    tools: { summary: "list a service's tools", load: async () => (await import("./tools.ts")).tools },
    call: { summary: "call a tool", load: async () => (await import("./call.ts")).call },
    clients: { summary: "connect a client by URL", load: async () => (await import("./clients.ts")).clients },
    connect: { summary: "connect one without URLs", load: async () => (await import("./connect.ts")).connect },
  },
  "Change the catalog": {
    add: { summary: "add a server", load: async () => (await import("./add.ts")).add },
    remove: { summary: "take a service out", load: async () => (await import("./remove.ts")).remove },
    outdated: { summary: "find newer versions", load: async () => (await import("./outdated.ts")).outdated },
    update: { summary: "move to another version", load: async () => (await import("./update.ts")).update },
    secrets: { summary: "give secrets their lines", load: async () => (await import("./secrets.ts")).secrets },
  },
  "Say who may call": {
    token: { summary: "bearer tokens", load: async () => (await import("./token.ts")).token },
    users: { summary: "who may log in", load: async () => (await import("./users.ts")).users },
    auth: { summary: "who is logged in", load: async () => (await import("./auth.ts")).auth },
  },
  "Put them online": {
    plan: { summary: "show what a deploy changes", load: async () => (await import("./plan.ts")).plan },
    deploy: { summary: "to Docker, or a domain", load: async () => (await import("./deploy.ts")).deploy },
    destroy: { summary: "remove what is deployed", load: async () => (await import("./destroy.ts")).destroy },
    rollback: { summary: "return to a release", load: async () => (await import("./rollback.ts")).rollback },
    proxies: { summary: "files for your own proxy", load: async () => (await import("./proxies.ts")).proxies },
    synth: { summary: "write Terraform's files", load: async () => (await import("./synth.ts")).synth },
  },
  "Look after them": {
    verify: { summary: "check every service", load: async () => (await import("./verify.ts")).verify },
    doctor: { summary: "why a login or call fails", load: async () => (await import("./doctor.ts")).doctor },
    drift: { summary: "what is not as deployed", load: async () => (await import("./drift.ts")).drift },
    history: { summary: "who deployed what, when", load: async () => (await import("./history.ts")).history },
    unlock: { summary: "free a host's lock", load: async () => (await import("./unlock.ts")).unlock },
    shell: { summary: "a shell in a container", load: async () => (await import("./shell.ts")).shell },
    restart: { summary: "start one again", load: async () => (await import("./restart.ts")).restart },
    releases: { summary: "what has served", load: async () => (await import("./releases.ts")).releases },
    maintenance: { summary: "on or off", load: async () => (await import("./maintenance.ts")).maintenance },
  },
};

/** By their names. */
export const verbs: Verbs = Object.assign({}, ...Object.values(groups));

/** What `help` and `completion` complete: they are verbs too, though not of these groups. */
export const verbNames: readonly string[] = [...Object.keys(verbs), "help", "completion"];
