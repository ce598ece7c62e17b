import { expect, test } from "vitest";
import type { Answer } from "../provision/host.ts";
import { changesOf, makeSo } from "./apply.ts";
import type { Step } from "./step.ts";

const steps: readonly Step[] = [
  { what: "write a file", check: "check file", make: "make file" },
  { what: "install a program", check: "check program", make: "make program", details: "details", remedy: "ask apt" },
  { what: "start it", check: "check start", make: "make start" },
];

/** A machine that remembers what was made. @param answers what it says instead to a script */
function machine(answers: Readonly<Record<string, Answer>> = {}, done: readonly string[] = []) {
  const made = new Set(done);
  const asked: string[] = [];
  const asRoot = async (script: string): Promise<Answer> => {
    asked.push(script);
    const [verb = "", what = ""] = script.split(" ");
    const said = answers[script];
    if (said === undefined && verb === "make") made.add(what);
    return (
      said ?? {
        code: verb === "check" && !made.has(what) ? 1 : 0,
        stdout: verb === "details" ? "program 1.2" : "",
        stderr: "",
      }
    );
  };
  return { name: "root@box", asRoot, asked, said: [] as string[] };
}

const makes = (asked: readonly string[]) => asked.filter((script) => script.startsWith("make"));

test("what is missing is said before anything is changed", async () => {
  const box = machine({}, ["file"]);
  expect(await changesOf(box, steps)).toEqual([
    "would install a program",
    "  would install program 1.2",
    "would start it",
  ]);
  expect(makes(box.asked)).toEqual([]);
});

test("what is missing is done, in its order, and a second run does nothing", async () => {
  const box = machine({}, ["program"]);
  await makeSo(box, steps, (line) => box.said.push(line));
  expect(makes(box.asked)).toEqual(["make file", "make start"]);
  expect(box.said).toEqual(["write a file", "start it"]);
  expect(await changesOf(box, steps)).toEqual([]);
  await makeSo(box, steps, () => expect.fail("it does something"));
});

test("a step that fails says which, what it printed and what to do, and no later one is begun", async () => {
  const box = machine({ "make program": { code: 100, stdout: "Reading ...", stderr: "E: no such package" } });
  const done = makeSo(box, steps, () => {});
  await expect(done).rejects.toThrow(
    'root@box: the step "install a program" ended with exit code 100. It printed:\nReading ...\nE: no such package\nTo fix it, ask apt, and deploy again',
  );
  expect(makes(box.asked)).toEqual(["make file", "make program"]);
});

test("a step that ends well and changes nothing has failed", async () => {
  const box = machine({ "make file": { code: 0, stdout: "", stderr: "" } });
  await expect(makeSo(box, steps, () => {})).rejects.toThrow("ended well, and changed nothing. It printed:\nnothing");
});

test.each([255, null])("a connection that breaks says nothing about the machine (%s)", async (code) => {
  const box = machine({ "check file": { code, stdout: "", stderr: "closed by remote host" } });
  await expect(changesOf(box, steps)).rejects.toThrow(
    "is not known, because the connection broke (closed by remote host)",
  );
});

test("a connection that breaks during a step does not blame the step", async () => {
  const box = machine({ "make program": { code: 255, stdout: "Unpacking ...", stderr: "" } });
  await expect(makeSo(box, steps, () => {})).rejects.toThrow(
    /was cut off when the connection broke.*Unpacking.*wait a little, and deploy again/s,
  );
});
