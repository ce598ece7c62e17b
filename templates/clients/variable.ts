/** How the variables are called that hold tokens: the same in every client's format. */

/**
 * The variable of one service: `GANGWAY_TOKEN_MEMORY`. Not `GITHUB_TOKEN`, which is the service's own secret, and opens more than
 * the service.
 */
export const variableOf = (service: string): string =>
  `GANGWAY_TOKEN_${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

/** The variable of the master token, which opens all services, and with them the hub. */
export const MASTER_VARIABLE = "GANGWAY_TOKEN";
