// SPDX-License-Identifier: GPL-3.0-or-later
// Idempotency-Key: a request that is sent again does its work once, and its answer is kept where nobody can read it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, otherKey, customer;
const post = (path, json, idempotency, options = {}) => call(site.base + "/api/v1" + path, { method: "POST", key, json, headers: { "idempotency-key": idempotency }, ...options });
const count = async () => (await call(`${site.base}/api/v1/embed-tokens?customer_id=${customer.id}&limit=1`, { key })).json.pagination.total;

before(async () => {
  site = await Site.start({ workers: 4 });
  key = site.ctl("key", "create", "--type", "partner", "--name", "One").key;
  otherKey = site.ctl("key", "create", "--type", "partner", "--name", "Two").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
});
after(() => site?.stop());

test("the same request gets the same answer, byte for byte, and makes nothing", async () => {
  const body = { customer_id: customer.id, name: "Once" };
  const first = await post("/embed-tokens", body, "order-1");
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers.get("idempotent-replayed"), null);
  const made = await count();
  for (let i = 0; i < 3; i++) {
    const again = await post("/embed-tokens", body, "order-1");
    assert.deepEqual([again.status, again.text, again.headers.get("content-type")], [201, first.text, first.headers.get("content-type")]);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
  }
  assert.equal(await count(), made);
  const user = await post("/users", { name: "U" }, "user-1");
  assert.equal((await post("/users", { name: "U" }, "user-1")).text, user.text);
  const renewed = await post(`/users/${user.json.data.id}/embed-token`, {}, "renew-1");
  assert.equal((await post(`/users/${user.json.data.id}/embed-token`, {}, "renew-1")).json.data.embed_token, renewed.json.data.embed_token);
  const exchanged = await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: renewed.json.data.embed_token } });
  assert.equal(exchanged.status, 200, "the replayed text is the living one");
});

test("another body, another path: idempotency_mismatch; but what is wrong in itself is told first", async () => {
  const other = (path, json) => post(path, json, "order-1").then((a) => [a.status, a.json.code]);
  const made = await count();
  assert.deepEqual(await other("/embed-tokens", { customer_id: customer.id, name: "Other" }), [422, "idempotency_mismatch"]);
  assert.deepEqual(await other("/customers", { name: "Other" }), [422, "idempotency_mismatch"]);
  assert.deepEqual(await other("/tokens/verify", { token: "x" }), [422, "idempotency_mismatch"]);
  assert.deepEqual(await other("/embed-tokens", { name: 7 }), [422, "validation_failed"]);
  assert.deepEqual(await other("/embed-tokens", "{"), [400, "invalid_json"]);
  assert.equal(await count(), made);
});

test("keys are each API key's own; a refusal is not kept; without the header nothing is", async () => {
  const body = { customer_id: customer.id, name: "Once" };
  const made = await count();
  assert.equal((await post("/embed-tokens", body, "order-1", { key: otherKey })).status, 201);
  assert.equal((await post("/embed-tokens", { customer_id: customer.id, name: "" }, "retry")).status, 422);
  assert.equal((await post("/embed-tokens", { customer_id: customer.id, name: "fine" }, "retry")).status, 201);
  for (let i = 0; i < 2; i++) assert.equal((await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: body })).status, 201);
  assert.equal(await count(), made + 4);
  for (const bad of ["x".repeat(256), "a\tb"]) {
    const answer = await post("/embed-tokens", body, bad);
    assert.deepEqual([answer.status, answer.json.errors?.[0].field], [422, "Idempotency-Key"], bad);
  }
  assert.equal((await post("/embed-tokens", body, "x".repeat(255))).status, 201);
});

test("many at once make one thing and get one answer", async () => {
  for (let round = 0; round < 10; round++) {
    const made = await count();
    const answers = await Promise.all(Array.from({ length: 12 }, () => post("/embed-tokens", { customer_id: customer.id, name: `R${round}` }, `race-${round}`)));
    assert.equal(await count(), made + 1);
    const good = answers.filter((a) => a.status === 201);
    assert.ok(good.length >= 1);
    assert.equal(new Set(good.map((a) => a.text)).size, 1);
    for (const a of answers) if (a.status !== 201) assert.deepEqual([a.status, a.json.code, a.headers.get("retry-after") !== null], [503, "store_busy", true], a.text);
  }
});

test("the kept answer is sealed: no token text is in any file of the store", async () => {
  const { json: { data } } = await post("/embed-tokens", { customer_id: customer.id, name: "Secret" }, "sealed-1");
  const files = fs.readdirSync(path.join(site.data, "store"), { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  assert.ok(files.length > 3);
  for (const file of files) {
    const bytes = fs.readFileSync(path.join(file.parentPath ?? file.path, file.name));
    assert.ok(!bytes.includes(data.token) && !bytes.includes(data.token.slice(4)), file.name);
  }
});
