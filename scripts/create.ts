#!/usr/bin/env node
/** The package create-gangway-mcp, which `npm create gangway-mcp` runs. */
import { create } from "./init.ts";
import { runVerb } from "./kit/verb.ts";

await runVerb(create, process.argv.slice(2));
