// SPDX-License-Identifier: GPL-3.0-or-later
// Users and their primary token: A2-A4, A7-A10, A18, A20-A25, E16.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { headers: { "X-API-KEY": key }, ...options });
const exchange = (token) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token } });

before(async () => {
  site = await Site.start();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Backend").key;
});
after(() => site?.stop());

test("A2 A3: a user is made with its embed token, with the key in X-API-KEY", async () => {
  const answer = await api("/users", { method: "POST", json: { name: "Ada", email: "ada@example.com", external_id: "crm-17" } });
  assert.equal(answer.status, 201, answer.text);
  const user = answer.json.data;
  assert.match(user.embed_token, /^emb_[A-Za-z0-9_-]{56}$/);
  assert.ok(user.embed_token_id);
  assert.equal(user.status, "active");
  assert.equal(user.portal_access, true);
  assert.equal(user.external_id, "crm-17");
  assert.equal((await exchange(user.embed_token)).status, 200);
  const again = await api("/users", { method: "POST", json: { name: "Ada 2", external_id: "crm-17" } });
  assert.equal(again.status, 422, again.text);
  assert.equal(again.json.errors[0].field, "external_id");
});

test("A9 A10 A21 A23: the current token is read as often as wanted; a new one kills the old at once", async () => {
  const { json: { data: user } } = await api("/users", { method: "POST", json: { name: "Bob" } });
  const current = await api(`/users/${user.id}/embed-token`);
  assert.equal(current.status, 200);
  assert.equal(current.json.data.embed_token, user.embed_token);
  const renewed = await api(`/users/${user.id}/embed-token`, { method: "POST" });
  assert.ok([200, 201].includes(renewed.status), renewed.text);
  assert.notEqual(renewed.json.data.embed_token, user.embed_token);
  assert.equal((await exchange(user.embed_token)).json.code, "token_rotated");
  assert.equal((await exchange(renewed.json.data.embed_token)).status, 200);
  assert.equal((await api(`/users/${user.id}/embed-token`)).json.data.embed_token, renewed.json.data.embed_token);
  await api(`/embed-tokens/${user.embed_token_id}`, { method: "DELETE" });
  assert.equal((await api(`/users/${user.id}/embed-token`)).status, 404, "none once it is revoked");
});

test("A23: rotating a primary token without a word about the overlap ends the old text; an overlap is refused by its field", async () => {
  const { json: { data: user } } = await api("/users", { method: "POST", json: { name: "Eve" } });
  const path = `/embed-tokens/${user.embed_token_id}/rotate`;
  const refused = await api(path, { method: "POST", json: { overlap_seconds: 86400 } });
  assert.deepEqual([refused.status, refused.json.errors[0].field], [422, "overlap_seconds"]);
  assert.equal((await exchange(user.embed_token)).status, 200);
  for (const options of [{ json: {} }, {}]) {
    const rotated = await api(path, { method: "POST", ...options });
    assert.equal(rotated.status, 200, rotated.text);
    assert.equal((await exchange(user.embed_token)).json.code, "token_rotated");
    assert.equal((await exchange(rotated.json.data.token)).status, 200);
  }
});

test("A6 A7 A20: the exchange gives a session that opens its own customer's data and nothing else", async () => {
  const { json: { data: user } } = await api("/users", { method: "POST", json: { name: "Cyd" } });
  const { json: { data: other } } = await api("/users", { method: "POST", json: { name: "Dan" } });
  const answer = await exchange(user.embed_token);
  assert.equal(answer.json.success, true);
  assert.equal(answer.json.token_type, "Bearer");
  assert.equal(answer.json.expires_in, 900);
  assert.equal(answer.json.customer.name, "Cyd");
  const me = await call(site.base + "/api/v1/embed/me", { bearer: answer.json.auth_token });
  assert.equal(me.status, 200, me.text);
  assert.equal(JSON.stringify(me.json).includes("Cyd"), true);
  const byToken = await call(site.base + "/api/v1/embed/me", { bearer: user.embed_token });
  assert.equal(byToken.status, 200, "E16: the token itself serves as Bearer");
  const named = await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: user.embed_token, customer_id: other.id } });
  assert.equal(named.status, 403);
  assert.equal(named.json.code, "subject_mismatch");
  const [header, payload, signature] = answer.json.auth_token.split(".");
  assert.equal(Buffer.from(header, "base64url").toString(), '{"alg":"HS256","typ":"JWT"}');
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  assert.equal(claims.exp - claims.iat, 900);
  const forged = await call(site.base + "/api/v1/embed/me", { bearer: [header, Buffer.from(JSON.stringify({ ...claims, sub: other.id })).toString("base64url"), signature].join(".") });
  assert.equal(forged.json.code, "session_invalid");
});

test("A25 K32 K34: a user's standing binds at once, in words and codes", async () => {
  const { json: { data: user } } = await api("/users", { method: "POST", json: { name: "Eve" } });
  const { json: { auth_token: session } } = await exchange(user.embed_token);
  const cases = [
    [{ status: "disabled" }, "customer_disabled", { status: "active" }],
    [{ portal_access: false }, "portal_access_disabled", { portal_access: true }],
    [{ features: { embed: false } }, "feature_not_enabled", { features: { embed: true } }],
  ];
  for (const [off, code, on] of cases) {
    assert.equal((await api(`/customers/${user.id}`, { method: "PATCH", json: off })).status, 200);
    for (const refused of [await exchange(user.embed_token), await call(site.base + "/api/v1/embed/me", { bearer: session })]) {
      assert.equal(refused.status, 403, refused.text);
      assert.equal(refused.json.code, code);
      assert.equal(refused.json.success, false);
    }
    assert.equal((await api(`/customers/${user.id}`, { method: "PATCH", json: on })).status, 200);
    assert.equal((await exchange(user.embed_token)).status, 200, `${code} is lifted`);
  }
});

test("two changes of different features at once are both kept", async () => {
  const { json: { data: user } } = await api("/users", { method: "POST", json: { name: "Fay" } });
  const patch = (features) => api(`/customers/${user.id}`, { method: "PATCH", json: { features } });
  for (let i = 0; i < 25; i++) {
    assert.equal((await patch(["embed", "analytics", "events", "agents", "api"])).status, 200);
    const answers = await Promise.all([patch({ events: false }), patch({ agents: false })]);
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200]);
    assert.deepEqual((await api(`/customers/${user.id}`)).json.data.features, ["embed", "analytics", "api"], `round ${i}`);
  }
});
