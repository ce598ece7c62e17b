/** How our command is typed where the reader stands. */
import { catalogFile } from "../../stacks/project.ts";
import { isPackage } from "../../stacks/shipped.ts";

/**
 * A text of ours that says `npx gangway ...`. Outside of a project, npx would fetch another package, which has the name `gangway` on
 * npm: there the command is `npx gangway-mcp`.
 */
export const asTyped = (text: string, isInProject: boolean = catalogFile !== undefined || !isPackage): string =>
  isInProject ? text : text.replaceAll(/\bnpx gangway(?![\w-])/g, "npx gangway-mcp");
