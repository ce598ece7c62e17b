#!/usr/bin/env node
/** `npm run lab -- keycloak`: an issuer of one's own that is a real Keycloak. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { WrongUse } from "../../kit/arguments.ts";
import { tell } from "../../kit/print.ts";
import { verb } from "../../kit/verb.ts";
import { runSteps } from "./run.ts";

const NEEDS = "KEYCLOAK_HOME: the folder of an unpacked keycloak-quarkus-dist (Maven Central); and Java 17 or 21";

const server = join(import.meta.dirname, "../../../gateways/fixtures/child.ts");

await verb({
  name: "npm run lab -- keycloak",
  usage: `npm run lab -- keycloak\n\nA gateway with AUTH_ISSUER in front of a server, and a Keycloak that it believes. It needs\n${NEEDS}.`,
  endsAtOnce: true,
  run: async () => {
    const home = process.env["KEYCLOAK_HOME"] ?? "";
    if (!existsSync(join(home, "bin/kc.sh"))) throw new WrongUse(`the suite needs ${NEEDS}`);
    let faults = 0;
    await runSteps(home, `'${process.execPath}' '${server}'`, ({ what, fault }) => {
      tell(fault === undefined ? `ok      ${what}` : `FAILED  ${what}: ${fault}`);
      if (fault !== undefined) faults++;
    });
    return faults === 0 ? 0 : 1;
  },
});
