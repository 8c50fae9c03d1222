// SPDX-License-Identifier: GPL-3.0-or-later
// API keys of four kinds: how they are made, rotated and ended, and what each may do. P1-P9, K13, A2, A3, T4, T7, T9, T37.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, partner, acme, globex, keys;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { key: partner, ...options });
const create = async (fields) => {
  const answer = await api("/api-keys", { method: "POST", json: { name: "Key", type: "partner", ...fields } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.data;
};
const works = async (key) => (await api("/customers", { key })).json.code ?? "ok";

before(async () => {
  site = await Site.start();
  partner = site.ctl("key", "create", "--type", "partner", "--name", "First").key;
  acme = site.ctl("customer", "create", "--name", "Acme");
  globex = site.ctl("customer", "create", "--name", "Globex");
  keys = {
    partner: await create({ type: "partner" }),
    customer: await create({ type: "customer", customer_id: acme.id }),
    reader: await create({ type: "read_only" }),
    ownReader: await create({ type: "read_only", customer_id: acme.id }),
    webhook: await create({ type: "webhook" }),
  };
});
after(() => site?.stop());

test("P2 P5-P8: a key is made with name and kind, and its text is shown this once", async () => {
  const answer = await api("/api-keys", { method: "POST", json: { name: "N8N Production", type: "customer", customerId: acme.id, expiresAt: "2099-01-15T10:00:00Z" } });
  assert.equal(answer.status, 201, answer.text);
  const made = answer.json.data;
  assert.deepEqual(Object.keys(made).sort(), ["created_at", "created_by", "customer_id", "expires_at", "id", "key", "last_used_at", "name", "partner_id", "prefix", "previous_valid_until", "revoked_at", "rotated_at", "status", "type"]);
  assert.match(made.key, /^egc_[A-Za-z0-9_-]{48}$/);
  assert.equal(made.prefix, made.key.slice(0, 10) + "...");
  assert.deepEqual([made.name, made.type, made.customer_id, made.partner_id, made.status, made.expires_at], ["N8N Production", "customer", acme.id, acme.partner_id, "active", "2099-01-15T10:00:00Z"]);
  for (const name of ["last_used_at", "rotated_at", "previous_valid_until", "revoked_at"]) assert.equal(made[name], null, name);
  for (const path of ["/api-keys", `/api-keys/${made.id}`]) {
    const later = await api(path);
    assert.equal(later.status, 200);
    assert.ok(!later.text.includes(made.key) && !later.text.includes(made.key.slice(11)), path);
  }
  const prefixes = { partner: "egp_", customer: "egc_", reader: "egr_", ownReader: "egr_", webhook: "egw_" };
  for (const [kind, prefix] of Object.entries(prefixes)) assert.ok(keys[kind].key.startsWith(prefix), kind);
});

test("a body that makes no key: every fault in one answer", async () => {
  for (const [json, fields] of [
    [{}, ["name", "type"]],
    [{ name: "", type: "admin", colour: "red" }, ["colour", "name", "type"]],
    [{ name: "x", type: "customer" }, ["customer_id"]],
    [{ name: "x", type: "partner", customer_id: acme.id }, ["customer_id"]],
    [{ name: "x", type: "webhook", customer_id: acme.id }, ["customer_id"]],
    [{ name: "x".repeat(101), type: "partner", expires_at: "soon" }, ["expires_at", "name"]],
    [{ name: "x", type: "partner", expires_at: "2020-01-01T00:00:00Z" }, ["expires_at"]],
  ]) {
    const answer = await api("/api-keys", { method: "POST", json });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual([...new Set(answer.json.errors.map((e) => e.field))].sort(), fields, JSON.stringify(json));
  }
});

test("lists are paged, newest first", async () => {
  const made = await create({ name: "Newest" });
  const first = await api("/api-keys?limit=2");
  assert.equal(first.json.data[0].id, made.id);
  assert.equal(first.json.data.length, 2);
  assert.equal(first.json.pagination.limit, 2);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link"))[1];
  assert.equal((await call(next, { key: partner })).json.pagination.page, 2);
  assert.equal((await api("/api-keys?limit=101")).status, 422);
});

test("PATCH changes name and end, never the text; what a key does is no name", async () => {
  const made = await create();
  const patched = await api(`/api-keys/${made.id}`, { method: "PATCH", json: { name: "CRM", expiresAt: "2099-01-01T00:00:00Z" } });
  assert.equal(patched.status, 200, patched.text);
  assert.deepEqual([patched.json.data.name, patched.json.data.expires_at, patched.json.data.key], ["CRM", "2099-01-01T00:00:00Z", undefined]);
  assert.equal(await works(made.key), "ok");
  assert.equal((await api(`/api-keys/${made.id}`, { method: "PATCH", json: { expires_at: null } })).json.data.expires_at, null);
  assert.deepEqual((await api(`/api-keys/${made.id}`, { method: "PATCH", json: { type: "webhook", customer_id: acme.id } })).json.errors.map((e) => e.field), ["type", "customer_id"]);
});

test("P9: rotating gives a new text; inside the overlap both serve and the old one says so", async () => {
  const made = await create({ name: "Rotated" });
  const first = await api(`/api-keys/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } });
  assert.equal(first.status, 200, first.text);
  assert.deepEqual([first.json.data.id, first.json.data.name, first.json.data.status], [made.id, "Rotated", "rotating"]);
  assert.match(first.json.data.key, /^egp_/);
  assert.equal(Date.parse(first.json.data.previous_valid_until) - Date.parse(first.json.data.rotated_at), 3600_000);
  const old = await api("/customers", { key: made.key });
  assert.equal(old.status, 200);
  assert.match(old.headers.get("deprecation"), /^@\d+$/);
  assert.equal(Date.parse(old.headers.get("sunset")), Date.parse(first.json.data.previous_valid_until));
  assert.equal((await api("/customers", { key: first.json.data.key })).headers.get("deprecation"), null);
  const second = await api(`/api-keys/${made.id}/rotate`, { method: "POST", json: {} });
  assert.equal(Date.parse(second.json.data.previous_valid_until) - Date.parse(second.json.data.rotated_at), 86400_000);
  assert.equal(await works(made.key), "invalid_token", "of the texts before, one is remembered");
  assert.equal(await works(first.json.data.key), "ok");
  const leaked = await api(`/api-keys/${made.id}/rotate`, { method: "POST", json: { overlapSeconds: 0 } });
  assert.equal(await works(second.json.data.key), "token_rotated");
  assert.equal(await works(leaked.json.data.key), "ok");
  for (const overlap of [-1, 2592001, "x", 1.5, null]) {
    assert.equal((await api(`/api-keys/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: overlap } })).status, 422, String(overlap));
  }
});

test("revoked is for good, and from the next request on", async () => {
  const made = await create();
  assert.equal(await works(made.key), "ok");
  const used = (await api(`/api-keys/${made.id}`)).json.data.last_used_at;
  assert.ok(Math.abs(Date.parse(used) - Date.now()) < 10_000, used);
  const revoked = await api(`/api-keys/${made.id}`, { method: "DELETE" });
  assert.equal(revoked.status, 200);
  assert.equal(revoked.json.data.status, "revoked");
  assert.equal(await works(made.key), "token_revoked");
  assert.equal((await api(`/api-keys/${made.id}`, { method: "DELETE" })).json.data.revoked_at, revoked.json.data.revoked_at);
  for (const [path, options] of [["", { method: "PATCH", json: { name: "x" } }], ["/rotate", { method: "POST", json: {} }]]) {
    const answer = await api(`/api-keys/${made.id}${path}`, options);
    assert.deepEqual([answer.status, answer.json.code], [409, "token_state_conflict"], path);
  }
});

test("P5-P8 A2 K13: what each kind may do", async () => {
  const token = (await api("/embed-tokens", { method: "POST", json: { customer_id: acme.id, name: "T" } })).json.data;
  const foreign = (await api("/embed-tokens", { method: "POST", json: { customer_id: globex.id, name: "T" } })).json.data;
  const user = (await api("/users", { method: "POST", json: { name: "With primary" } })).json.data;
  const get = (path) => [path, {}];
  const post = (path, json = {}) => [path, { method: "POST", json }];
  const patch = (path, json) => [path, { method: "PATCH", json }];
  const kinds = ["partner", "customer", "reader", "ownReader", "webhook"];
  // One column a kind; a status alone is a success.
  const NO = "403 key_type_not_allowed", RO = "403 read_only_key", NONE = "404 not_found";
  const rows = [
    [get("/customers"), "200", "200", "200", "200", NO],
    [get(`/customers/${acme.id}`), "200", "200", "200", "200", NO],
    [get(`/customers/${globex.id}`), "200", NONE, "200", NONE, NO],
    [post("/customers", { name: "New" }), "201", NO, RO, RO, NO],
    [post("/users", { name: "New" }), "201", NO, RO, RO, NO],
    [patch(`/customers/${acme.id}`, { email: "it@acme.example" }), "200", "200", RO, RO, NO],
    [patch(`/customers/${acme.id}`, { status: "active" }), "200", NO, RO, RO, NO],
    [patch(`/customers/${acme.id}`, { portal_access: true }), "200", NO, RO, RO, NO],
    [patch(`/customers/${acme.id}`, { features: { embed: true } }), "200", NO, RO, RO, NO],
    [patch(`/customers/${globex.id}`, { name: "Mine" }), "200", NONE, RO, RO, NO],
    [[`/customers/${user.id}`, { method: "DELETE" }], "200", NO, RO, RO, NO],
    [get(`/users/${user.id}/embed-token`), "200", NONE, RO, RO, NO],
    [post(`/users/${acme.id}/embed-token`), "200", "200", RO, RO, NO],
    [get("/embed-tokens"), "200", "200", "200", "200", NO],
    [get(`/embed-tokens/${token.id}`), "200", "200", "200", "200", NO],
    [get(`/embed-tokens/${foreign.id}`), "200", NONE, "200", NONE, NO],
    [get(`/embed-tokens/${token.id}/activity`), "200", "200", "200", "200", NO],
    [get(`/embed-tokens/${token.id}/url`), "200", "200", RO, RO, NO],
    [get(`/embed-tokens/${foreign.id}/url`), "200", NONE, RO, RO, NO],
    [post("/embed-tokens", { customer_id: acme.id, name: "T" }), "201", "201", RO, RO, NO],
    [post("/embed-tokens", { customer_id: globex.id, name: "T" }), "201", NONE, RO, RO, NO],
    [patch(`/embed-tokens/${token.id}`, { name: "U" }), "200", "200", RO, RO, NO],
    [post(`/embed-tokens/${token.id}/rotate`), "200", "200", RO, RO, NO],
    [post(`/embed-tokens/${foreign.id}/rotate`), "200", NONE, RO, RO, NO],
    [post("/tokens/verify", { token: token.token }), "200", "200", RO, RO, NO],
    [post(`/customers/${globex.id}/revoke-tokens`), "200", NONE, RO, RO, NO],
    [get("/api-keys"), "200", NO, NO, NO, NO],
    [get(`/api-keys/${keys.customer.id}`), "200", NO, NO, NO, NO],
    [post("/api-keys", { name: "x", type: "partner" }), "201", NO, RO, RO, NO],
    [patch(`/api-keys/${keys.customer.id}`, { name: "x" }), "200", NO, RO, RO, NO],
    [post(`/api-keys/${keys.partner.id}x/rotate`), NONE, NO, RO, RO, NO],
    [["/api-keys/x", { method: "DELETE" }], NONE, NO, RO, RO, NO],
  ];
  for (const [[path, options], ...wanted] of rows) {
    for (const [i, kind] of kinds.entries()) {
      const answer = await api(path, { ...options, key: keys[kind].key });
      assert.equal([answer.status, answer.json.code].filter(Boolean).join(" "), wanted[i], `${options.method ?? "GET"} ${path} with ${kind}: ${answer.text}`);
    }
  }
  const head = await fetch(`${site.base}/api/v1/users/${user.id}/embed-token`, { method: "HEAD", headers: { "x-api-key": keys.reader.key } });
  assert.equal(head.status, 403, "HEAD tells no more than GET");
});

test("P6: lists of a customer's key hold that customer's things only", async () => {
  for (const key of [keys.customer.key, keys.ownReader.key]) {
    assert.deepEqual((await api("/customers", { key })).json.data.map((c) => c.id), [acme.id]);
    const { json } = await api("/embed-tokens?limit=100", { key });
    assert.ok(json.data.length > 0 && json.data.every((t) => t.customer_id === acme.id));
    assert.equal((await api(`/embed-tokens?customer_id=${globex.id}`, { key })).status, 404);
  }
});

test("a customer's keys rest while it is disabled", async () => {
  await api(`/customers/${acme.id}`, { method: "PATCH", json: { status: "disabled" } });
  for (const kind of ["customer", "ownReader"]) assert.equal(await works(keys[kind].key), "customer_disabled", kind);
  for (const kind of ["partner", "reader"]) assert.equal(await works(keys[kind].key), "ok", kind);
  await api(`/customers/${acme.id}`, { method: "PATCH", json: { status: "active" } });
  for (const kind of ["customer", "ownReader"]) assert.equal(await works(keys[kind].key), "ok", kind);
});

test("T4 T9 T37: a key of any kind is no embed credential, and never comes from a browser", async () => {
  for (const { key, type } of Object.values(keys)) {
    const exchanged = await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: key } });
    assert.deepEqual([exchanged.status, exchanged.json.code], [401, "wrong_token_type"], type);
    assert.equal((await call(site.base + "/api/v1/embed/me", { bearer: key })).json.code, "wrong_token_type", type);
    const browser = await api("/customers", { key, headers: { origin: "https://acme.example" } });
    assert.deepEqual([browser.status, browser.json.code], [403, "server_key_in_browser"], type);
  }
});

test("embedctl makes keys of all kinds, lists and revokes them", async () => {
  const made = [["partner"], ["customer", "--customer", globex.id], ["read_only"], ["read_only", "--customer", globex.id], ["webhook"]]
    .map((args) => site.ctl("key", "create", "--name", "By hand", "--expires", "2099-01-01", "--type", ...args));
  assert.deepEqual(made.map((k) => k.key.slice(0, 4)), ["egp_", "egc_", "egr_", "egr_", "egw_"]);
  assert.deepEqual(made.map((k) => k.customer_id), [null, globex.id, null, globex.id, null]);
  assert.deepEqual(await Promise.all(made.map((k) => works(k.key))), ["ok", "ok", "ok", "ok", "key_type_not_allowed"]);
  const listed = site.ctl("key", "list").map((k) => k.id);
  assert.ok(made.every((k) => listed.includes(k.id)));
  site.ctl("key", "revoke", made[1].id);
  assert.equal(await works(made[1].key), "token_revoked");
});

test("T7: another partner's keys are not found, whatever is done with them", async () => {
  site.ctl("partner", "create", "--name", "Other", "--email", "other@example.com");
  const other = site.ctl("partner", "list").find((p) => p.name === "Other");
  const foreign = site.ctl("--partner", other.id, "key", "create", "--type", "partner", "--name", "Foreign");
  const customer = site.ctl("--partner", other.id, "customer", "create", "--name", "Foreign");
  for (const id of [foreign.id, "01990000-0000-7000-8000-000000000000", "nonsense"]) {
    for (const [path, options] of [["", {}], ["", { method: "PATCH", json: { name: "x" } }], ["", { method: "PATCH", json: { nme: "x" } }], ["", { method: "DELETE" }], ["/rotate", { method: "POST", json: {} }]]) {
      const answer = await api(`/api-keys/${id}${path}`, options);
      assert.deepEqual([answer.status, answer.json.code], [404, "not_found"], `${options.method ?? "GET"} ${id}${path}`);
    }
  }
  assert.equal((await api("/api-keys", { method: "POST", json: { name: "x", type: "customer", customer_id: customer.id } })).status, 404);
  assert.ok(!(await api("/api-keys?limit=100")).text.includes(foreign.id));
  assert.equal(await works(foreign.key), "ok", "and it still works");
});
