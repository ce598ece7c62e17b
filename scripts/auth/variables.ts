/** What the authorization server of `npm start`, and the commands beside it, are told of this project's settings. */
import type { Settings } from "../../stacks/settings.ts";
import { STATE_PASSWORD, stateVariables } from "../../stacks/settings/variables.ts";
import { authVariables, writeSecret } from "../kit/auth-server.ts";

/** Its variables, also those of a Redis that it keeps everything in. */
export function variablesHere(settings: Pick<Settings, "authPort" | "value">): Record<string, string> {
  const given = stateVariables.flatMap((name) => {
    const value = settings.value(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const password = settings.value(STATE_PASSWORD);
  return {
    ...authVariables(settings.authPort),
    ...Object.fromEntries(given),
    // Whoever sees a process may see its environment.
    ...(password !== undefined && { STATE_PASSWORD_FILE: writeSecret("state-password", password) }),
  };
}
