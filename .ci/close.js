// Closes a run: `node .ci/close.js <folder of results>` names what took long, what has failed, and what has not run and why, then sums up.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const read = (file) => readFileSync(join(folder, file), "utf8");
const inProject = (path) => path.slice(process.cwd().length + 1);

/** What .ci/run wrote of its steps: state, seconds and title, with tabs between. */
const steps = read("steps.tsv")
  .trim()
  .split("\n")
  .map((line) => line.split("\t"));
const sum = { passed: 0, failed: steps.filter(([state]) => state === "failed").length, skipped: 0 };
const failed = [];
const notRun = [];

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const suite = file.replace(".json", "");
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(read(file));
  sum.passed += numPassedTests;
  sum.failed += numFailedTests;
  sum.skipped += numPendingTests;
  failed.push(...testResults.flatMap(failures));
  const skipped = testResults.filter(isSkipped).map(({ name }) => inProject(name));
  if (suite === "unit" || skipped.length === 0) continue;
  const what = skipped.length === testResults.length ? suite : skipped.join(" and ");
  notRun.push(`${what} (${reasons(suite)})`);
}

/** A line for each test of a file that failed; one for a file that failed outside its tests. */
function failures({ name, status, message, assertionResults }) {
  const tests = assertionResults.filter((result) => result.status === "failed");
  if (tests.length === 0) return status === "failed" ? [`${inProject(name)}: ${firstLine(message)}`] : [];
  return tests.map(
    ({ fullName, failureMessages }) => `${inProject(name)} > ${fullName}: ${firstLine(failureMessages[0])}`,
  );
}

function firstLine(text) {
  return (text ?? "").split("\n", 1)[0].slice(0, 300);
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

console.log("\nsteps of 20 s and more:");
for (const [, seconds, title] of steps.filter(([, seconds]) => Number(seconds) >= 20))
  console.log(`${seconds.padStart(6)} s  ${title}`);
if (sum.passed === 0) sum.failed += 1;
if (notRun.length > 0) console.log(`\nnot run: ${notRun.join(", ")}`);
if (sum.failed > 0) console.log("");
for (const [state, , title] of steps) if (state === "failed") console.log(`failed step: ${title}`);
for (const line of failed) console.log(`failed: ${line}`);
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = sum.failed > 0 ? 1 : 0;
