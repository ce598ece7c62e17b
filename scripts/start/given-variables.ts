/**
 * Preloaded into a program that `npm start` runs (`node --import`): its variables come on standard input, because what it is
 * started with stands in /proc/<pid>/environ, for every process of the same user to read, for as long as it runs.
 */
import { readFileSync } from "node:fs";

Object.assign(process.env, JSON.parse(readFileSync(0, "utf8")));
