/** Every script, by its name. */
import { clientScripts } from "./clients.ts";
import { loginScripts } from "./logins.ts";
import { recordScripts } from "./records.ts";
import { userScripts } from "./users.ts";

export const scripts = { ...recordScripts, ...clientScripts, ...userScripts, ...loginScripts };

export type ScriptName = keyof typeof scripts;
