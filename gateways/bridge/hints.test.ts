import { expect, test } from "vitest";
import { hintFor, type Clues } from "./hints.ts";

const clues = (known: Partial<Clues>): Clues => ({ stderr: "", banner: undefined, given: {}, here: {}, ...known });

test.for([
  [
    { stderr: "Error: API_KEY is required", here: { API_KEY: "x" } },
    /^API_KEY is set here but not passed on .* --env API_KEY\.$/,
  ],
  [{ stderr: "BRAVE_API_KEY environment variable", here: { BRAVE_API_KEY: "x" } }, /--env BRAVE_API_KEY/],
  [{ stderr: "set A_B and C_D", here: { A_B: "1", C_D: "2" } }, undefined],
  [
    { stderr: "you must set A_B and C_D", here: { A_B: "1", C_D: "2" } },
    /A_B and C_D are set here .* --env A_B --env C_D/,
  ],
  [{ stderr: "API_KEY is required" }, undefined],
  [{ stderr: "API_KEY is required", here: { API_KEY: "x" }, given: { API_KEY: "y" } }, undefined],
  [
    { stderr: "Error: listen EADDRINUSE: address already in use :::3025" },
    /opens port 3025 that is in use.*--isolation shared/,
  ],
  [
    { stderr: "OSError: [Errno 98] error while attempting to bind: address already in use" },
    /opens a port that is in use/,
  ],
  [
    { stderr: "npm error ENOTEMPTY: directory not empty, rename '/root/.npm/_npx/15b07286cbcc3329/node_modules/a'" },
    /remove \/root\/.npm\/_npx\/15b07286cbcc3329 /,
  ],
  [{ stderr: "npm error could not determine executable to run" }, /remove the folder _npx in the npm cache/],
  [
    { stderr: "Error: Cannot find module '/root/.npm/_npx/0a1b/node_modules/zod/index.js'" },
    /remove \/root\/.npm\/_npx\/0a1b /,
  ],
  [{ stderr: "Error: Cannot find module './mine.js'" }, undefined],
  [{ banner: "Server listening on port 3000" }, /"Server listening on port 3000" to standard output.*stderr instead/],
  [{ stderr: "Traceback" }, undefined],
] as const)("what a server wrote %o leads to the hint %s", ([known, hint]) => {
  expect(hintFor(clues(known)) ?? "no hint").toMatch(hint ?? /^no hint$/);
});
