import { expect, test } from "vitest";
import { placeName, readRedisUrl, RedisUrlError } from "./redis-url.ts";

const one = { isTls: false, hosts: [{ host: "redis", port: 6_379 }], master: undefined, user: undefined, database: 0 };
const sentinels = [
  { host: "one", port: 26_379 },
  { host: "two", port: 5_000 },
];

test.each([
  ["redis://redis", one],
  ["redis://redis:6379/", one],
  ["redis://redis:6380/3", { ...one, hosts: [{ host: "redis", port: 6_380 }], database: 3 }],
  [
    "rediss://gangway@redis.example.org",
    { ...one, isTls: true, user: "gangway", hosts: [{ host: "redis.example.org", port: 6_379 }] },
  ],
  ["redis://a%40b@redis", { ...one, user: "a@b" }],
  ["redis://[::1]:7000", { ...one, hosts: [{ host: "::1", port: 7_000 }] }],
  ["redis+sentinel://one,two:5000/main", { ...one, hosts: sentinels, master: "main" }],
  ["rediss+sentinel://one,two:5000/main/2", { ...one, isTls: true, hosts: sentinels, master: "main", database: 2 }],
])("%s", (written, place) => {
  expect(readRedisUrl(written)).toEqual(place);
  const { user: _user, ...named } = readRedisUrl(placeName(readRedisUrl(written)));
  expect({ ...named, user: place.user }).toEqual(place);
});

test.each([
  ["redis", /expected redis:\/\/host/],
  ["http://redis", /expected redis:\/\/host/],
  ["redis://", /expected redis:\/\/host/],
  ["redis://:s3cret@redis", /a password in the URL/],
  ["rediss://user:s3cret@redis:6380/0", /a password in the URL/],
  ["redis://user:s3c/ret@redis", /a password in the URL/],
  ["redis://s3c?ret@redis", /expected/],
  ["redis://redis:99999", /no host/],
  ["redis://one,two", /redis\+sentinel/],
  ["redis+sentinel://one", /name of the master/],
  ["redis://redis/x", /number of a database/],
  ["redis://redis/1/2", /number of a database/],
  ["redis://redis?db=1", /expected/],
])("%s is refused, and no password is repeated", (written, message) => {
  expect(() => readRedisUrl(written)).toThrow(RedisUrlError);
  expect(() => readRedisUrl(written)).toThrow(message);
  expect(() => readRedisUrl(written)).not.toThrow(/s3c/);
});
