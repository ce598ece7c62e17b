import { expect, test } from "vitest";
import { render } from "./render.ts";

const values = { host: "a", port: 8082, proxy: "p", location: [], ownOrigin: [] };

test("fills in every place of a template", () => {
  const text = render("nginx/host-port.conf", values);
  expect(text).toContain("8082");
  expect(text).not.toMatch(/\{\{|\}\}/);
});

test("repeats a line for every item of a list, in place and with its indentation", () => {
  const limit = { rate: [10], exceptHost: [], counted: "$binary_remote_addr" };
  const text = render("nginx/http.conf", { trustedNetwork: ["10.0.0.0/8", "127.0.0.1"], ...limit });
  expect(text).toMatch(/\nset_real_ip_from 10\.0\.0\.0\/8;\nset_real_ip_from 127\.0\.0\.1;\nreal_ip_header/);
  const port = render("nginx/host-port.conf", {
    host: "a",
    port: 1,
    proxy: "p",
    location: ["gzip off;", "deny all;"],
    ownOrigin: [],
  });
  expect(port).toMatch(/\n {6}gzip off;\n {6}deny all;\n {4}\}\n/);
});

test("drops a line whose list is empty", () => {
  const text = render("nginx/http.conf", { trustedNetwork: [], rate: [], exceptHost: [], counted: [] });
  expect(text).not.toMatch(/set_real_ip_from|\n\n/);
  expect(text).toMatch(/;\nreal_ip_header CF-Connecting-IP;\nproxy_set_header CF-Connecting-IP \$remote_addr;\n$/);
});

test("names a place without a value", () => {
  const { port: _, ...others } = values;
  expect(() => render("nginx/host-port.conf", others)).toThrow("templates/nginx/host-port.conf needs a value for port");
});

test("names a value without a place", () => {
  expect(() => render("nginx/host-port.conf", { ...values, region: "fra1" })).toThrow("no place for region");
});

test.each(["22\nlisten 80;", ["22", "22\nlisten 80;"]])("refuses a value that adds lines: %j", (port) => {
  expect(() => render("nginx/host-port.conf", { ...values, port })).toThrow("the value of port has a line break");
});
