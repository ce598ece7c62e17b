/** All verbs of `gangway`, in the order in which the help lists them. */
import type { Flags } from "./kit/arguments.ts";
import type { Verb } from "./kit/verb.ts";

/** A verb in the list. It is loaded when it is called, so that none waits for what another one imports. */
export interface Listed {
  readonly summary: string;
  readonly load: () => Promise<Verb<Flags>>;
}

type Verbs = Readonly<Record<string, Listed>>;

/** By what they are for. */
export const groups: Readonly<Record<string, Verbs>> = {
  "Run services here": {
    init: { summary: "make a project of your own", load: async () => (await import("./init.ts")).init },
    start: { summary: "start the services of the catalog", load: async () => (await import("./start.ts")).start },
    add: { summary: "add a server to the catalog", load: async () => (await import("./add.ts")).add },
    remove: { summary: "take a service out of the catalog", load: async () => (await import("./remove.ts")).remove },
    status: { summary: "show what runs here", load: async () => (await import("./status.ts")).status },
    logs: { summary: "show the log of what runs here", load: async () => (await import("./logs.ts")).logs },
    tools: { summary: "list the tools of a service", load: async () => (await import("./tools.ts")).tools },
    call: { summary: "call a tool and print its result", load: async () => (await import("./call.ts")).call },
    connect: {
      summary: "connect a client that only starts processes",
      load: async () => (await import("./connect.ts")).connect,
    },
    clients: {
      summary: "show how to connect a client",
      load: async () => (await import("./clients.ts")).clients,
    },
    outdated: {
      summary: "say which servers have a newer version",
      load: async () => (await import("./outdated.ts")).outdated,
    },
    update: {
      summary: "move servers to another version, or review their tools",
      load: async () => (await import("./update.ts")).update,
    },
    verify: { summary: "check running or deployed services", load: async () => (await import("./verify.ts")).verify },
  },
  "Put them online": {
    plan: { summary: "show what a deploy would change", load: async () => (await import("./plan.ts")).plan },
    deploy: {
      summary: "deploy to Docker here, or to your domain",
      load: async () => (await import("./deploy.ts")).deploy,
    },
    rollback: {
      summary: "go back to a service's previous release",
      load: async () => (await import("./rollback.ts")).rollback,
    },
    proxies: {
      summary: "write the file of a reverse proxy of your own",
      load: async () => (await import("./proxies.ts")).proxies,
    },
    token: {
      summary: "print, make, revoke and rotate bearer tokens",
      load: async () => (await import("./token.ts")).token,
    },
    secrets: {
      summary: "give each secret its line in .env and CI",
      load: async () => (await import("./secrets.ts")).secrets,
    },
    synth: {
      summary: "write the stacks as Terraform reads them",
      load: async () => (await import("./synth.ts")).synth,
    },
  },
};

/** By their names. */
export const verbs: Verbs = Object.assign({}, ...Object.values(groups));

/** What `help` and `completion` complete: they are verbs too, though not of these groups. */
export const verbNames: readonly string[] = [...Object.keys(verbs), "help", "completion"];
