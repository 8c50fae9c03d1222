// SPDX-License-Identifier: GPL-3.0-or-later
// Introspection (RFC 7662) and revocation (RFC 7009): what is told, what is not, and what ends. K25, K28, K32.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, readOnly, spare, customer, customerKey, siblingKey, foreignKey;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { key, ...options });
const introspect = (token, options = {}) => api("/introspect", { method: "POST", form: { token }, ...options });
const revoke = (token, options = {}) => api("/revoke", { method: "POST", form: { token }, ...options });
const exchange = (token) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token } });
const create = async (fields = {}) => (await api("/embed-tokens", { method: "POST", json: { customer_id: customer.id, name: "T", ...fields } })).json.data;
const makeKey = (type, ...args) => site.ctl("key", "create", "--type", type, "--name", type, ...args).key;
const inactive = '{"active":false}';

before(async () => {
  site = await Site.start();
  key = makeKey("partner");
  readOnly = makeKey("read_only");
  spare = makeKey("webhook");
  customer = site.ctl("customer", "create", "--name", "Acme");
  customerKey = makeKey("customer", "--customer", customer.id);
  siblingKey = makeKey("customer", "--customer", site.ctl("customer", "create", "--name", "Sibling").id);
  site.ctl("partner", "create", "--name", "Other", "--email", "other@example.com");
  const other = site.ctl("partner", "list").find((p) => p.name === "Other");
  foreignKey = site.ctl("--partner", other.id, "key", "create", "--type", "partner", "--name", "Foreign").key;
});
after(() => site?.stop());

test("what is active is described; nothing is counted", async () => {
  const token = await create({ permissions: ["dashboard:read", "api:read"], expires_at: "2099-01-01T00:00:00Z" });
  const url = (await api(`/embed-tokens/${token.id}/url`)).json.data.url.split("#")[1];
  for (const [text, type] of [[token.token, "embed_token"], [url, "embed_url_token"]]) {
    for (const caller of [key, customerKey]) {
      const answer = await introspect(text, { key: caller });
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.headers.get("content-type"), /^application\/json/);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      const { iat, ...rest } = answer.json;
      assert.ok(Math.abs(iat - Date.now() / 1000) < 30);
      assert.deepEqual(rest, { active: true, token_type: type, iss: site.base, jti: token.id, sub: customer.id, scope: "dashboard:read api:read", exp: Date.parse(token.expires_at) / 1000 });
    }
  }
  const { json: before } = await api(`/embed-tokens/${token.id}`);
  assert.deepEqual([before.data.usage_count, before.data.request_count, before.data.refused_count], [0, 0, 0]);
  const session = (await exchange(token.token)).json.auth_token;
  const told = (await introspect(session)).json;
  assert.equal(told.token_type, "session");
  assert.equal(told.exp - told.iat, 900);
  assert.equal(told.jti, token.id);
  const ownKey = (await introspect(customerKey)).json;
  assert.deepEqual([ownKey.active, ownKey.token_type, ownKey.sub], [true, "api_key", customer.id]);
});

test("inactive, unknown and not yours are the same bytes", async () => {
  const token = await create();
  const rotated = (await api(`/embed-tokens/${token.id}/rotate`, { method: "POST", json: { overlap_seconds: 0 } })).json.data.token;
  const paused = await create();
  await api(`/embed-tokens/${paused.id}`, { method: "PATCH", json: { is_active: false } });
  const revoked = await create();
  const session = (await exchange(revoked.token)).json.auth_token;
  await api(`/embed-tokens/${revoked.id}`, { method: "DELETE" });
  const texts = [token.token, paused.token, revoked.token, session, "hello", "emb_x", session.slice(0, -3) + "AAA", "egp_" + "A".repeat(48)];
  for (const text of texts) assert.equal((await introspect(text)).text, inactive, text);
  assert.equal((await introspect(rotated)).json.active, true);
  for (const other of [siblingKey, foreignKey]) {
    assert.equal((await introspect(rotated, { key: other })).text, inactive);
    assert.equal((await introspect(customerKey, { key: other })).text, inactive);
  }
  assert.equal((await introspect(key, { key: customerKey })).text, inactive, "API keys are for partner keys only");
});

test("the caller and the form", async () => {
  for (const path of ["/introspect", "/revoke"]) {
    const post = (options) => api(path, { method: "POST", ...options });
    assert.equal((await post({ key: undefined, form: { token: "x" } })).status, 401);
    assert.equal((await post({ key: readOnly, form: { token: "x" } })).json.code, "read_only_key");
    assert.equal((await post({ json: { token: "x" } })).json.code, "unsupported_media_type");
    for (const [form, field] of [[{}, "token"], [{ token: "" }, "token"], [{ token: "x", colour: "red" }, "colour"], ["token=x&token=y", "token"]]) {
      const answer = await post(typeof form === "string" ? { body: form, headers: { "content-type": "application/x-www-form-urlencoded" } } : { form });
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(answer.json.errors.map((e) => e.field), [field]);
    }
    assert.equal((await post({ form: { token: "x", token_type_hint: "access_token" } })).status, 200);
  }
});

test("K28: a text in hand is enough to revoke; unknown and foreign texts give 200 and do nothing", async () => {
  const token = await create();
  for (const [text, caller] of [["hello", key], [token.token, siblingKey], [token.token, foreignKey], [key, customerKey], [customerKey, foreignKey]]) {
    const answer = await revoke(text, { key: caller });
    assert.deepEqual([answer.status, answer.text], [200, '{"success":true}']);
  }
  assert.equal((await exchange(token.token)).status, 200);
  assert.equal((await introspect(customerKey)).json.active, true);
  const session = (await exchange(token.token)).json.auth_token;
  const refused = await revoke(session);
  assert.deepEqual([refused.status, refused.json.errors[0].field], [422, "token"]);
  for (let i = 0; i < 2; i++) assert.equal((await revoke(token.token, { key: customerKey })).status, 200);
  assert.equal((await exchange(token.token)).json.code, "token_revoked");
  assert.equal((await revoke(spare)).status, 200);
  assert.equal((await api("/embed-tokens", { key: spare })).json.code, "token_revoked");
});

test("K25: revoking the old text ends the overlap, and the new text goes on", async () => {
  const token = await create();
  const fresh = (await api(`/embed-tokens/${token.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } })).json.data.token;
  assert.equal((await introspect(token.token)).json.exp - Math.floor(Date.now() / 1000) > 3500, true);
  for (let i = 0; i < 2; i++) assert.equal((await revoke(token.token)).status, 200);
  assert.equal((await exchange(token.token)).json.code, "token_rotated");
  assert.equal((await exchange(fresh)).status, 200);
  assert.equal((await api(`/embed-tokens/${token.id}`)).json.data.status, "active");
});

test("K25: of several old texts only the one that is named ends", async () => {
  const token = await create();
  const rotate = async () => (await api(`/embed-tokens/${token.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } })).json.data.token;
  const texts = [token.token, await rotate(), await rotate()];
  assert.equal((await revoke(texts[1])).status, 200);
  assert.deepEqual(await Promise.all(texts.map(async (text) => (await exchange(text)).status)), [200, 401, 200]);
});

test("P9: the same for API keys: the old text of a rotated key ends, the key does not", async () => {
  const made = (await api("/api-keys", { method: "POST", json: { type: "partner", name: "Rotated" } })).json.data;
  const fresh = (await api(`/api-keys/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } })).json.data.key;
  const list = (k) => api("/customers", { key: k });
  assert.equal((await list(made.key)).status, 200);
  for (let i = 0; i < 2; i++) assert.equal((await revoke(made.key)).status, 200);
  assert.equal((await list(made.key)).json.code, "token_rotated");
  assert.equal((await list(fresh)).status, 200);
  assert.equal((await introspect(made.key)).text, inactive);
  assert.equal((await revoke(fresh)).status, 200);
  assert.equal((await list(fresh)).json.code, "token_revoked");
});
