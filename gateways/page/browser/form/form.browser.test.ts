/** Forms in Chromium: what a reader fills in becomes the arguments of the call, whatever the schema is. */
import { chromium as driver, type Browser, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromium, chromiumFlags, withoutChromium } from "../../../fixtures/chromium.ts";
import { gatewayStatus, upService } from "../../../fixtures/page-samples.ts";
import { servePage, type PageServer } from "../../../fixtures/page-server.ts";

if (chromium === undefined) console.log(`forms: skipped, ${withoutChromium}`);

let browser: Browser;
let server: PageServer;
let page: Page;

/** Opens the form of a tool with this schema. */
async function open(inputSchema: unknown): Promise<Page> {
  const details = { ...upService().details!, tools: [{ name: "tool", inputSchema }] };
  server.show(gatewayStatus([upService({ details })]));
  server.calls.length = 0;
  page = await browser.newPage();
  await page.goto(`${server.url}/memory`);
  await page.locator(".tool > summary").click();
  await page.locator(".try form").waitFor();
  return page;
}

const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

/** The arguments of the call that the form makes. */
async function called(): Promise<unknown> {
  await press("Call the tool");
  await page.locator(".report").waitFor();
  return server.calls.at(-1)!.arguments;
}

const object = (properties: object, required: string[] = []) => ({ type: "object", properties, required });

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, { type: "string" }]));

describe.skipIf(chromium === undefined)("a form", () => {
  beforeAll(async () => {
    browser = await driver.launch({ executablePath: chromium!, args: [...chromiumFlags] });
    server = await servePage(() => ({ result: { content: [] } }), undefined);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(() => page?.close());

  test("leaves out what is optional and empty, and sends defaults and values with their types", async () => {
    await open(
      object({
        text: { type: "string" },
        number: { type: "number" },
        whole: { type: "integer", default: 3 },
        flag: { type: "boolean" },
        choice: { enum: ["a", 2, null] },
        nothing: { type: "string" },
      }),
    );
    await page.getByLabel("text optional").fill("a");
    await page.getByLabel("number optional").fill("1.5");
    await page.getByLabel("flag optional").selectOption("No (false)");
    await page.getByLabel("choice optional").selectOption("2");
    expect(await called()).toEqual({ text: "a", number: 1.5, whole: 3, flag: false, choice: 2 });
  });

  test("has lists whose items are added, moved and removed with the keyboard", async () => {
    await open(object({ list: { type: "array", items: { type: "string" }, minItems: 2 } }, ["list"]));
    for (const [at, text] of ["one", "two"].entries()) await page.getByLabel(`Item ${at + 1}`).fill(text);
    await page.getByRole("button", { name: "Add item" }).press("Enter");
    await page.keyboard.type("three");
    await page.getByRole("button", { name: "Move up" }).last().press("Enter");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Remove" }).last().press("Enter");
    expect(await called()).toEqual({ list: ["three", "one"] });
  });

  test("says what is wrong with a list, and goes there", async () => {
    await open(object({ list: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 1 } }, ["list"]));
    await press("Add item");
    await page.getByText("There may be at most 1.").waitFor();
    await press("Remove");
    await press("Call the tool");
    await page.getByText("Add at least 1.").waitFor();
    expect(server.calls).toEqual([]);
  });

  test("has shapes to choose from, also nothing", async () => {
    const schema = object({
      either: { anyOf: [{ type: "integer" }, object({ a: { type: "string" } }, ["a"])] },
      name: { type: ["string", "null"] },
    });
    await open(schema);
    await page.getByLabel("either optional").selectOption("Fields");
    await page.getByLabel("a required").fill("x");
    await page.getByLabel("name optional").selectOption("Nothing (null)");
    expect(await called()).toEqual({ either: { a: "x" }, name: null });
  });

  test("has names of the reader's own, and a name of a prototype is one like any other", async () => {
    await open(object({ map: { type: "object", additionalProperties: { type: "integer" } } }, ["map"]));
    await press("Add field");
    await page.getByLabel("Name").fill("__proto__");
    await page.getByLabel("Value").fill("7");
    expect(Object.entries((await called()) as object)).toEqual([["map", JSON.parse(`{"__proto__":7}`)]]);
  });

  test("opens a schema that contains itself one level at a time", async () => {
    const node = object({ value: { type: "string" }, child: { $ref: "#/$defs/node" } }, ["value", "child"]);
    await open({ ...object({ root: { $ref: "#/$defs/node" } }, ["root"]), $defs: { node } });
    const before = await page.getByLabel("value required").count();
    await press("Add child");
    expect(await page.getByLabel("value required").count()).toBeGreaterThan(before);
  });

  test("can be written as JSON, and back, with what is filled in", async () => {
    await open(object({ a: { type: "string" }, more: { type: "array", items: { type: "integer" } } }));
    await page.getByLabel("a optional").fill("x");
    await press("Write JSON instead");
    const text = page.getByRole("textbox");
    expect(JSON.parse(await text.inputValue())).toEqual({ a: "x" });
    await text.fill("{");
    await press("Call the tool");
    await page.getByText("This is not JSON").waitFor();
    await text.fill(`{"a":"y","more":[1]}`);
    await press("Use the form");
    expect(await page.getByLabel("a optional").inputValue()).toBe("y");
    expect(await called()).toEqual({ a: "y", more: [1] });
  });

  describe("of a hostile schema is there, and bounded:", () => {
    const deep = (levels: number): object => (levels === 0 ? {} : object({ a: deep(levels - 1) }, ["a"]));
    const bushy = (levels: number): object =>
      levels === 0
        ? { type: "string" }
        : object(
            Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`b${at}`, bushy(levels - 1)])),
            Array.from({ length: 50 }, (_, at) => `b${at}`),
          );
    const self = { anyOf: [{ $ref: "#" }, { type: "array", items: { $ref: "#" }, minItems: 5 }] };
    test.each([
      ["10,000 fields", object(many(10_000))],
      ["1,000 levels", deep(1_000)],
      ["fields of fields of fields", bushy(3)],
      ["a choice of itself", self],
      [
        "a required list of itself",
        {
          $defs: { l: { type: "array", items: { $ref: "#/$defs/l" }, minItems: 20 } },
          ...object({ l: { $ref: "#/$defs/l" } }, ["l"]),
        },
      ],
      ["a million items at least", object({ l: { type: "array", minItems: 1e6, items: { type: "string" } } }, ["l"])],
      ["none at all", undefined],
      ["a text", "schema"],
    ])("%s", async (_, schema) => {
      await open(schema);
      expect(await page.locator(".try input, .try select, .try textarea").count()).toBeLessThan(700);
      expect(await page.getByRole("button", { name: "Call the tool" }).isEnabled()).toBe(true);
    });

    test("a pattern that would take for ever", async () => {
      await open(object({ a: { type: "string", pattern: "^(a+)+$" } }));
      await page.getByLabel("a optional").fill(`${"a".repeat(100)}!`);
      expect(await called()).toEqual({ a: `${"a".repeat(100)}!` });
    });
  });
});
