// SPDX-License-Identifier: GPL-3.0-or-later
// Usage of embeds and keys by the day (P4, P10, K26, K28) and the figures a customer's dashboard shows (K30).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, customer, sibling, customerKey;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { key, ...options });
const today = () => new Date().toISOString().slice(0, 10);

before(async () => {
  site = await Site.start();
  key = site.ctl("key", "create", "--type", "partner", "--name", "N8N Production").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
  sibling = site.ctl("customer", "create", "--name", "Sibling");
  customerKey = site.ctl("key", "create", "--type", "customer", "--customer", customer.id, "--name", "Acme's own").key;
});
after(() => site?.stop());

test("P10 P4: loads, requests and refusals by day, in sum, and what each key asked", async () => {
  const uses = async (id, loads, requests, refused) => {
    const token = site.ctl("token", "create", "--customer", id, "--name", "T", "--origin", "https://acme.example").token;
    const exchange = (origin) => call(site.base + "/api/validate-embed-token", { method: "POST", headers: { origin }, json: { embed_token: token } });
    for (let i = 0; i < loads; i++) assert.equal((await exchange("https://acme.example")).status, 200);
    for (let i = 0; i < requests; i++) assert.equal((await call(site.base + "/api/v1/embed/me", { bearer: token })).status, 200);
    for (let i = 0; i < refused; i++) assert.equal((await exchange("https://evil.example")).status, 403);
  };
  await uses(customer.id, 3, 2, 1);
  await uses(sibling.id, 4, 0, 2);
  const all = (await api("/analytics")).json.data;
  assert.equal(all.customer_id, null);
  assert.equal(all.days.length, 30);
  assert.deepEqual(all.days.at(-1), { date: today(), loads: 7, requests: 2, refused: 3 });
  assert.deepEqual(all.days[0], { date: new Date(Date.now() - 29 * 86400e3).toISOString().slice(0, 10), loads: 0, requests: 0, refused: 0 });
  assert.deepEqual(all.totals, { loads: 7, requests: 2, refused: 3 });
  const asked = all.keys.find((k) => k.name === "N8N Production");
  assert.equal(asked.type, "partner");
  assert.ok(asked.totals.requests >= 1 && asked.days.at(-1).requests === asked.totals.requests);
  assert.equal(all.keys_total, all.keys.length);
  const one = (await api(`/analytics?customerId=${customer.id}&days=1`)).json.data;
  assert.equal(one.customer_id, customer.id);
  assert.deepEqual(one.days, [{ date: today(), loads: 3, requests: 2, refused: 1 }]);
  assert.deepEqual(one.keys.map((k) => k.name), ["Acme's own"]);
});

test("a customer key sees its own customer and no other", async () => {
  const own = (await api("/analytics", { key: customerKey })).json.data;
  assert.equal(own.customer_id, customer.id);
  assert.deepEqual(own.totals, { loads: 3, requests: 2, refused: 1 });
  assert.equal((await api(`/analytics?customer_id=${sibling.id}`, { key: customerKey })).json.code, "not_found");
  assert.equal((await api("/analytics?customer_id=01990000-0000-7000-8000-000000000000")).json.code, "not_found");
});

test("queries are checked as bodies are", async () => {
  for (const [query, field] of [["days=0", "days"], ["days=31", "days"], ["days=", "days"], ["days=1.5", "days"], ["custmer_id=x", "custmer_id"],
    ["customer_id=x", "customer_id"], ["days=1&days=2", "days"], ["customer_id=&customerId=", "customer_id"]]) {
    const answer = await api("/analytics?" + query);
    assert.equal(answer.status, 422, query);
    assert.equal(answer.json.errors[0].field, field, query);
  }
  assert.deepEqual((await api("/embed-tokens?stat=x&page=0")).json.errors.map((e) => e.field), ["stat", "page"]);
});

test("K30: a customer's own figures, one value a day and series", async () => {
  const post = (points, options = {}) => api(`/customers/${customer.id}/metrics`, { method: "POST", json: points, ...options });
  const answer = await post([{ name: "Calls", date: today(), value: 17 }, { name: "Calls", date: "2020-01-01", value: 1 }]);
  assert.equal(answer.json.code, "validation_failed");
  assert.deepEqual(answer.json.errors.map((e) => e.field), ["[1].date"]);
  const recorded = await post([{ name: "Calls", date: today(), value: 17 }, { name: "Score", date: today(), value: -0.5 }], { key: customerKey });
  assert.equal(recorded.status, 200, recorded.text);
  assert.deepEqual(recorded.json.data, { customer_id: customer.id, recorded: 2 });
  await post([{ name: "Calls", date: today(), value: 18 }]);
  const token = site.ctl("token", "create", "--customer", customer.id, "--name", "D").token;
  const shown = (await call(site.base + "/api/v1/embed/dashboard", { bearer: token })).text;
  assert.ok(shown.includes('"Calls"') && shown.includes("18") && !shown.includes("17,"), shown.slice(0, 300));
  for (const [points, field] of [[[], "body"], [[{ name: "x", date: today() }], "[0].value"], [[{ name: "x", date: today(), value: "7" }], "[0].value"], [[{ name: "x", date: "tomorrow", value: 7 }], "[0].date"],
    [[{ name: "x", date: today(), value: 1, unit: "s" }], "[0].unit"], [[7], "[0]"], [Array.from({ length: 1001 }, () => ({ name: "x", date: today(), value: 1 })), "body"],
    [Array.from({ length: 17 }, (_, i) => ({ name: `s${i}`, date: today(), value: 1 })), "body"]]) {
    const refused = await post(points);
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.json.errors[0].field, field, refused.text);
  }
  assert.equal((await post({ name: "x" })).json.code, "invalid_json", "an object is no list");
  assert.equal((await api(`/customers/${sibling.id}/metrics`, { method: "POST", json: [], key: customerKey })).json.code, "not_found");
});

test("K28: DELETE disables a customer, and all of its tokens can be revoked at once", async () => {
  const token = site.ctl("token", "create", "--customer", sibling.id, "--name", "S");
  const exchange = () => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token.token } });
  const disabled = await api(`/customers/${sibling.id}`, { method: "DELETE" });
  assert.deepEqual([disabled.status, disabled.json.data.status], [200, "disabled"]);
  assert.equal((await exchange()).json.code, "customer_disabled");
  assert.equal((await api(`/customers/${sibling.id}`, { method: "PATCH", json: { status: "active" } })).json.data.status, "active");
  assert.equal((await exchange()).status, 200);
  const revoked = await api(`/customers/${sibling.id}/revoke-tokens`, { method: "POST" });
  assert.equal(revoked.status, 200, revoked.text);
  assert.deepEqual(revoked.json.data, { customer_id: sibling.id, revoked: 2 });
  assert.equal((await exchange()).json.code, "token_revoked");
  const activity = (await api(`/embed-tokens/${token.id}/activity`)).json;
  assert.deepEqual(activity.data.map((r) => r.code), ["token_revoked", "ok", "customer_disabled"]);
  assert.equal(activity.pagination.total, 3);
  assert.deepEqual(Object.keys(activity.data[0]), ["at", "code", "origin", "widget", "count"]);
});
