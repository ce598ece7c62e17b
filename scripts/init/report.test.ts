import { join } from "node:path";
import { expect, test } from "vitest";
import { tooOld } from "../../stacks/catalog/typescript.ts";
import { nextSteps } from "./report.ts";

test("the commands that come next are those from where one stands", () => {
  expect(nextSteps(join(process.cwd(), "my-servers"), undefined)).toMatch(
    /^made .*my-servers\. Next:\n {2}cd my-servers\n {2}npm install\n {2}npm start$/,
  );
  expect(nextSteps(process.cwd(), undefined)).toMatch(/ Next:\n {2}npm install\n {2}npm start$/);
});

test("a Node that cannot run the project is told so before anything is installed", () => {
  const problem = tooOld("services.ts", { features: {}, versions: { node: "20.20.2" } });
  expect(nextSteps(process.cwd(), problem)).toMatch(/\nservices\.ts needs Node 22\.18 .*this is Node 20\.20\.2\./);
});
