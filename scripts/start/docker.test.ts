import { expect, test } from "vitest";
import { whatIsWrong } from "./docker.ts";

test.each([
  ["spawn docker ENOENT", "ENOENT", "there is no docker command: install it"],
  [
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    1,
    "this user may not use it: add it to the group docker, and log in again",
  ],
  ["Cannot connect to the Docker daemon. Is the docker daemon running?", 1, "its engine does not answer: start it"],
])("Docker that says %j is told apart, with what to do", (message, code, told) => {
  expect(whatIsWrong(Object.assign(new Error(message), { code: code as string }))).toBe(told);
});
