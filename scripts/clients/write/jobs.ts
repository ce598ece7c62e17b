/** Which files are to be written for the clients that were named. */
import { resolve } from "node:path";
import { clients } from "../../../templates/clients/clients.ts";
import type { Client, FileClient, Place, Target } from "../../../templates/clients/format.ts";
import { isFile } from "../../../templates/clients/render.ts";
import { wayFor } from "../../../templates/clients/way.ts";
import { WrongUse } from "../../kit/arguments.ts";
import type { Wanted } from "./edits.ts";

/** A file that is to have the services of a client. */
export interface Job extends Wanted {
  readonly file: string;
  readonly isOfProject: boolean;
}

/** The file of a project that Claude Code, Copilot CLI, VS Code and Grok share is that of Claude Code. */
export const SHARED = "claude-code";

/**
 * A job for each client.
 * @param project the folder, if the files of the project are meant and not the user's own
 * @throws WrongUse for a client that has no such file
 */
export function jobsFor(
  some: readonly Client[],
  services: readonly Target[],
  place: Place,
  project: string | undefined,
): readonly Job[] {
  return some.map((client) => {
    if (!isFile(client)) throw new WrongUse(`${client.title} has no file. What to do by hand: ${printed(client)}`);
    const targets = services.map((target) => wayFor(client, target));
    const files = client.files(place);
    const file = project === undefined ? files.user : files.project;
    if (file === undefined) throw new WrongUse(withoutFile(client, project !== undefined, files));
    if (project !== undefined && holdsTokens({ client, targets }))
      throw new WrongUse(
        `${client.title} can only have the token itself in its file, and that never lies in a project: leave out --project`,
      );
    return { client, targets, file: resolve(project ?? place.home, file), isOfProject: project !== undefined };
  });
}

/** Whether a token stands in the file itself. */
export const holdsTokens = ({ client, targets }: Wanted): boolean =>
  client.tokenBy === "value" && targets.some(({ token }) => token !== undefined);

const printed = ({ id }: Client) => `npx gangway clients --client ${id}`;

function withoutFile(client: FileClient, isOfProject: boolean, { project }: { readonly project?: string }): string {
  if (isOfProject) {
    const others = clients.filter((other) => isFile(other) && other.files({ os: "linux", home: "~", env: {} }).project);
    return `${client.title} has no file in a project. These have: ${others.map(({ id }) => id).join(", ")}`;
  }
  const hint = project === undefined ? `paste what this prints: ${printed(client)}` : "pass --project";
  return `${client.title} has no file of the user's: ${hint}`;
}
