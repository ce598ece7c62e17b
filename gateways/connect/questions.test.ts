import { expect, test } from "vitest";
import { readMessage, type Message } from "../jsonrpc.ts";
import { Questions } from "./questions.ts";

const question = (id: string) => readMessage(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`) as Message;
const answer = (id: string) => readMessage(`{"jsonrpc":"2.0","id":${id},"result":{}}`) as Message;

test("an answer is passed on once, and only to what has been asked", () => {
  const questions = new Questions();
  for (const id of ["1", '"b"', '"a"']) expect(questions.ask(question(id))).toBeUndefined();
  expect(["1", "1", "2", '"a"'].map((id) => questions.take(answer(id)))).toEqual([true, false, false, true]);
  expect(questions.withdrawn().map((text) => JSON.parse(text) as object)).toMatchObject([
    { params: { requestId: "b" } },
  ]);
  expect(questions.withdrawn()).toEqual([]);
});

test("a server that asks without end is refused until the client has answered", () => {
  const questions = new Questions();
  for (let id = 0; id < 1_000; id++) expect(questions.ask(question(String(id)))).toBeUndefined();
  expect(questions.ask(question("1000"))).toContain('"id":1000,"error":{"code":-32000');
  questions.take(answer("7"));
  expect(questions.ask(question("1000"))).toBeUndefined();
});
