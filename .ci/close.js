// Closes a run: `node .ci/close.js <folder of results> <failed steps>` names what has not run and why, then sums up.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, failedSteps] = process.argv.slice(2);
const read = (file) => readFileSync(join(folder, file), "utf8");
const sum = { passed: 0, failed: Number(failedSteps), skipped: 0 };
const notRun = [];

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const suite = file.replace(".json", "");
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(read(file));
  sum.passed += numPassedTests;
  sum.failed += numFailedTests;
  sum.skipped += numPendingTests;
  const skipped = testResults.filter(isSkipped).map(({ name }) => name.slice(process.cwd().length + 1));
  if (suite === "unit" || skipped.length === 0) continue;
  const what = skipped.length === testResults.length ? suite : skipped.join(" and ");
  notRun.push(`${what} (${reasons(suite)})`);
}

function isSkipped({ assertionResults }) {
  return assertionResults.length > 0 && assertionResults.every(({ status }) => ["skipped", "pending"].includes(status));
}

/** What a suite itself says of why it was skipped. */
function reasons(suite) {
  const log = existsSync(join(folder, `${suite}.log`)) ? read(`${suite}.log`) : "";
  const said = Array.from(log.matchAll(/^.*\bskipped\b[^:\n]*: (.+)$/gm), ([, why]) => why.trim());
  const why = [...new Set(said)].join("; ") || "see above";
  return why.includes("Docker engine") ? `${why}, or set GANGWAY_RIG to a program that does` : why;
}

if (sum.passed === 0) sum.failed += 1;
if (notRun.length > 0) console.log(`\nnot run: ${notRun.join(", ")}`);
console.log(`${notRun.length > 0 ? "" : "\n"}${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;
