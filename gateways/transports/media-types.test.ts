import { expect, test } from "vitest";
import { acceptsGzip, isJson, readAccept } from "./media-types.ts";

const BOTH = { json: true, stream: true };
const JSON_ONLY = { json: true, stream: false };
const STREAM_ONLY = { json: false, stream: true };
const NEITHER = { json: false, stream: false };

test.each([
  [undefined, BOTH],
  ["", BOTH],
  [" , ", BOTH],
  ["*/*", BOTH],
  ["application/json, text/event-stream", BOTH],
  ["text/event-stream,application/json", BOTH],
  ["APPLICATION/JSON", JSON_ONLY],
  ["application/json; charset=utf-8", JSON_ONLY],
  ["application/json;q=0.5", JSON_ONLY],
  ["application/*", JSON_ONLY],
  ["text/*;q=0.1", STREAM_ONLY],
  ["text/event-stream", STREAM_ONLY],
  ["text/html, */*;q=0.8", BOTH],
  ["application/json;q=0, */*", STREAM_ONLY],
  ["*/*, application/json ; Q=0.000", STREAM_ONLY],
  ["*/*;q=0", NEITHER],
  ["text/html", NEITHER],
  ["application/json-patch+json", NEITHER],
  ["application/jsonp", NEITHER],
  ["x/application/json", NEITHER],
  ['text/html;title="application/json, text/event-stream"', NEITHER],
  ['text/html;title="\\", application/json", text/event-stream', STREAM_ONLY],
])("Accept: %s", (header, accepted) => {
  expect(readAccept(header)).toEqual(accepted);
  expect(readAccept(header)).toEqual(accepted); // remembered
});

test.each([
  ["application/json", true],
  ["Application/JSON", true],
  ["application/json;charset=utf-8", true],
  ['application/json ; charset="utf-8"', true],
  ["application/json;", true],
  [undefined, false],
  ["", false],
  ["text/plain", false],
  ["application/json-patch+json", false],
  ["application/jsonx", false],
  ["text/plain; x=application/json", false],
  ["application/json, text/plain", false],
])("Content-Type: %s is JSON: %s", (header, json) => {
  expect(isJson(header)).toBe(json);
});

test.each([
  ["gzip", true],
  ["gzip, deflate, br, zstd", true],
  ["br, GZIP;q=0.5", true],
  ["x-gzip", true],
  [undefined, false],
  ["", false],
  ["identity", false],
  ["br", false],
  ["gzip;q=0", false],
  ["gzip ; q=0.00, br", false],
  ["gzipped", false],
])("Accept-Encoding: %s takes gzip: %s", (header, gzip) => {
  expect(acceptsGzip(header)).toBe(gzip);
});
