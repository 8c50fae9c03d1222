// SPDX-License-Identifier: GPL-3.0-or-later
// The OpenAPI document: valid, whole, for everybody, and what docs/api.md says. (call() holds every answer against it.)
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { reference } from "../../docs/api-reference.mjs";
import { Site, call } from "../lib/site.mjs";

let site, document;
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const operations = () => Object.entries(document.paths).flatMap(([template, p]) => Object.entries(p).map(([method, o]) => [`${method.toUpperCase()} ${template}`, o]));

before(async () => {
  site = await Site.start({ workers: 1 });
  document = await (await fetch(site.base + "/api/v1/openapi.json")).json();
});
after(() => site?.stop());

test("it needs no credential and is the same for everybody", async () => {
  const texts = [];
  for (const headers of [{}, { origin: "https://evil.example" }, { authorization: "Bearer x" }, { "accept-language": "de", "user-agent": "x" }]) {
    const answer = await call(site.base + "/api/v1/openapi.json", { headers });
    assert.equal(answer.status, 200);
    texts.push(answer.text);
  }
  assert.equal(new Set(texts).size, 1);
  assert.equal(document.openapi, "3.1.0");
  assert.deepEqual(document.servers, [{ url: site.base }]);
});

test("Redocly finds nothing wrong with it", () => {
  const file = path.join(site.root, "openapi.json");
  // The rules judge what is published; the address of a test is not.
  fs.writeFileSync(file, JSON.stringify({ ...document, servers: [{ url: "https://embedgate.test" }] }));
  const report = execFileSync(path.join(here, "../node_modules/.bin/redocly"), ["lint", "--format=json", "--skip-rule=no-path-trailing-slash", file], {
    encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], cwd: site.root, env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
  });
  assert.deepEqual(JSON.parse(report).problems.map((p) => `${p.ruleId}: ${p.message} ${p.location[0]?.pointer}`), []);
  assert.deepEqual(Object.keys(document.paths).filter((p) => p.endsWith("/")), ["/user/v1/embedded/login/", "/user/v1/embedded/refresh/"], "as the source has them");
});

test("every operation says what it answers, and every body and query what it takes", () => {
  assert.ok(operations().length > 30);
  for (const [name, operation] of operations()) {
    const [, success] = Object.entries(operation.responses).find(([status]) => status < "300");
    const schema = Object.values(success.content)[0].schema;
    const data = schema.properties?.data ?? schema;
    assert.ok(data.$ref ?? data.items?.$ref, `${name}: an answer without a shape`);
    for (const [field, s] of Object.entries(Object.values(operation.requestBody?.content ?? {})[0]?.schema.properties ?? {})) assert.ok(s.description?.endsWith("."), `${name}: ${field}`);
    assert.match(operation.summary, /[.?]$/, name);
  }
});

test("docs/api.md is what it says (make docs)", () => {
  assert.equal(fs.readFileSync(path.join(here, "../../docs/api.md"), "utf8"), reference(document));
});
