// SPDX-License-Identifier: GPL-3.0-or-later
// The embed token API as a server of the partner uses it: E1-E16, K9-K13, K19-K25, and the conventions of every answer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, customer;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { key, ...options });
const create = async (fields = {}) => {
  const answer = await api("/embed-tokens", { method: "POST", json: { customer_id: customer.id, name: "Test", ...fields } });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.data;
};
const exchange = (token, options = {}) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token }, ...options });

before(async () => {
  site = await Site.start();
  key = site.ctl("key", "create", "--type", "partner", "--name", "N8N Production").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
});
after(() => site?.stop());

test("E9-E13 K9 K10: a token is created with the fields of the source, in either spelling", async () => {
  const answer = await api("/embed-tokens", {
    method: "POST",
    json: { customerId: customer.id, name: "Production Website", allowedOrigins: ["https://example.com", "https://www.example.com/path?x"], expiresAt: "2099-01-15T10:00:00.5+02:00" },
  });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.json.success, true);
  const token = answer.json.data;
  assert.match(token.token, /^emb_[A-Za-z0-9_-]{56}$/);
  assert.equal(token.prefix, token.token.slice(0, 10) + "...");
  assert.match(token.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(token.allowed_origins, ["https://example.com", "https://www.example.com"]);
  assert.equal(token.expires_at, "2099-01-15T08:00:00Z");
  assert.equal(token.customer_id, customer.id);
  assert.equal(token.partner_id, customer.partner_id);
  assert.equal(token.status, "active");
  assert.equal(token.is_active, true);
  assert.equal(token.is_primary, false);
  assert.deepEqual(token.permissions, ["dashboard:read"]);
  assert.match(token.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  for (const name of ["event_id", "agent_id", "last_used_at", "last_used_origin", "last_refused", "rotated_at", "previous_valid_until", "revoked_at", "revoked_by"]) {
    assert.equal(token[name], null, name);
  }
  for (const name of ["usage_count", "request_count", "refused_count"]) assert.equal(token[name], 0, name);
});

test("E2 E7: the text is in no later answer, only the prefix", async () => {
  const made = await create();
  for (const path of ["/embed-tokens", `/embed-tokens/${made.id}`, `/embed-tokens/${made.id}/url`]) {
    const answer = await api(path);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(!answer.text.includes(made.token), path);
    assert.equal(answer.json.data.token, undefined);
  }
});

test("E6: the developer prefix and a Bearer key serve as well; the key's scheme in any case", async () => {
  for (const authorization of [`Bearer ${key}`, `bearer ${key}`]) {
    const answer = await call(site.base + "/api/developer/v1/embed-tokens", { headers: { authorization } });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(Array.isArray(answer.json.data));
  }
});

test("E7 E8: lists are paged, filtered, and say how many there are", async () => {
  const other = site.ctl("customer", "create", "--name", "Paged");
  for (let i = 0; i < 5; i++) {
    const answer = await api("/embed-tokens", { method: "POST", json: { customer_id: other.id, name: `T${i}` } });
    assert.equal(answer.status, 201);
  }
  const first = await api(`/embed-tokens?customer_id=${other.id}&limit=2`);
  assert.deepEqual(first.json.pagination, { page: 1, limit: 2, total: 5, total_pages: 3 });
  assert.deepEqual(first.json.data.map((t) => t.name), ["T4", "T3"]);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link"))[1];
  assert.ok(next.startsWith(site.base + "/api/v1/embed-tokens?"), next);
  const second = await call(next, { key });
  assert.deepEqual(second.json.data.map((t) => t.name), ["T2", "T1"]);
  const last = await api(`/embed-tokens?customer_id=${other.id}&limit=2&page=3`);
  assert.deepEqual(last.json.data.map((t) => t.name), ["T0"]);
  assert.equal(last.headers.get("link"), null);
  for (const query of ["page=0", "limit=0", "limit=101", "page=x", "status=dead", "customer_id=nope"]) {
    const answer = await api("/embed-tokens?" + query);
    assert.equal(answer.status, 422, query);
    assert.equal(answer.json.code, "validation_failed");
    assert.equal(answer.json.errors[0].field, query.split("=")[0]);
  }
});

test("E14 E15 E4: settings change, the text does not; revoked is for good", async () => {
  const made = await create();
  const patched = await api(`/embed-tokens/${made.id}`, { method: "PATCH", json: { name: "Updated Name", allowedOrigins: ["https://newdomain.com"], isActive: false } });
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.json.data.name, "Updated Name");
  assert.equal(patched.json.data.status, "disabled");
  assert.deepEqual(patched.json.data.allowed_origins, ["https://newdomain.com"]);
  assert.equal((await exchange(made.token)).json.code, "token_disabled");
  assert.equal((await api(`/embed-tokens/${made.id}`, { method: "PATCH", json: { is_active: true } })).json.data.status, "active");
  assert.equal((await exchange(made.token)).status, 200);
  const revoked = await api(`/embed-tokens/${made.id}`, { method: "DELETE" });
  assert.equal(revoked.status, 200);
  assert.equal(revoked.json.data.status, "revoked");
  assert.notEqual(revoked.json.data.revoked_at, null);
  const refused = await exchange(made.token);
  assert.equal(refused.status, 401);
  assert.equal(refused.json.code, "token_revoked");
  const revived = await api(`/embed-tokens/${made.id}`, { method: "PATCH", json: { isActive: true } });
  assert.equal(revived.status, 409);
  assert.equal(revived.json.code, "token_state_conflict");
  assert.equal((await api(`/embed-tokens/${made.id}`, { method: "DELETE" })).status, 200, "revoking twice is no error");
});

test("faults name each field as the caller wrote it, also where the value itself is wrong", async () => {
  const fields = async (path, json, method = "POST") => (await api(path, { method, json })).json.errors.map((error) => error.field);
  const made = await create();
  for (const [origins, expires] of [["allowedOrigins", "expiresAt"], ["allowed_origins", "expires_at"]]) {
    const wrong = { [origins]: ["https://ok.example", "*"], [expires]: "2001-01-01T00:00:00Z" };
    assert.deepEqual(await fields("/embed-tokens", { customerId: customer.id, name: "Test", ...wrong }), [`${origins}[1]`, expires]);
    assert.deepEqual(await fields(`/embed-tokens/${made.id}`, wrong, "PATCH"), [`${origins}[1]`, expires]);
  }
});

test("K25: inside the overlap both texts serve and the old one says so; after it the old one is named", async () => {
  const made = await create();
  const rotated = await api(`/embed-tokens/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } });
  assert.equal(rotated.status, 200, rotated.text);
  assert.equal(rotated.json.data.id, made.id);
  assert.equal(rotated.json.data.status, "rotating");
  assert.notEqual(rotated.json.data.token, made.token);
  const old = await exchange(made.token);
  assert.equal(old.status, 200);
  assert.match(old.headers.get("deprecation"), /^@\d+$/);
  assert.match(old.headers.get("sunset"), / GMT$/);
  const fresh = await exchange(rotated.json.data.token);
  assert.equal(fresh.status, 200);
  assert.equal(fresh.headers.get("deprecation"), null);
  const leaked = await api(`/embed-tokens/${made.id}/rotate`, { method: "POST", json: { overlapSeconds: 0 } });
  assert.equal((await exchange(rotated.json.data.token)).json.code, "token_rotated");
  assert.equal((await exchange(leaked.json.data.token)).status, 200);
  for (const overlap of [-1, 2592001, "x"]) {
    assert.equal((await api(`/embed-tokens/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: overlap } })).status, 422);
  }
});

test("K25: a retried rotation takes nothing from the text on the websites; a fifth is refused until one ends, a leak ends all", async () => {
  const made = await create();
  const rotate = (overlap_seconds) => api(`/embed-tokens/${made.id}/rotate`, { method: "POST", json: { overlap_seconds } });
  const texts = [made.token], ends = [];
  for (const overlap of [3600, 86400, 7200, 1800]) {
    const { status, json } = await rotate(overlap);
    assert.equal(status, 200);
    ends.push(Date.parse(json.data.rotated_at) + overlap * 1000);
    texts.push(json.data.token);
    assert.equal(Date.parse(json.data.previous_valid_until), Math.max(...ends));
  }
  for (const [i, text] of texts.entries()) {
    const answer = await exchange(text);
    assert.equal(answer.status, 200, `text ${i}`);
    assert.equal(answer.headers.get("sunset"), i < 4 ? new Date(ends[i]).toUTCString() : null);
    const me = await call(site.base + "/api/v1/embed/me", { bearer: answer.json.auth_token });
    assert.equal(me.status, 200, `session of text ${i}`);
  }
  const fifth = await rotate(60);
  assert.equal(fifth.status, 409);
  assert.equal(fifth.json.code, "token_state_conflict");
  assert.match(fifth.json.detail, /^4 earlier texts work still\..*overlap of 0/);
  assert.equal((await exchange(texts[4])).status, 200);
  const leak = await rotate(0);
  assert.equal(leak.status, 200);
  for (const text of texts) assert.equal((await exchange(text)).json.code, "token_rotated");
  assert.equal((await exchange(leak.json.data.token)).status, 200);
});

test("K25: the old text's end bounds what an exchange promises", async () => {
  const made = await create();
  await api(`/embed-tokens/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: 60 } });
  await api(`/embed-tokens/${made.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } });
  const { json } = await exchange(made.token);
  assert.ok(json.expires_in <= 60 && json.expires_in > 50, json.expires_in);
});

test("K23 T10: Copy URL gives an address whose secret is in the fragment, and snippets", async () => {
  const made = await create({ allowed_origins: ["https://acme.example"] });
  const { json: { data } } = await api(`/embed-tokens/${made.id}/url`);
  assert.match(data.url, new RegExp(`^${site.base}/e/${made.id}#emu_[A-Za-z0-9_-]{56}$`));
  assert.match(data.legacy_url, new RegExp(`^${site.base}/dashboard\\.html\\?token=emu_`));
  assert.deepEqual(Object.keys(data.snippets).sort(), ["header", "iframe", "script", "web_component"]);
  assert.ok(data.snippets.iframe.includes(data.url));
  for (const name of ["script", "web_component", "header"]) {
    assert.ok(data.snippets[name].includes("YOUR_TOKEN"), name);
    assert.ok(!data.snippets[name].includes("emu_"), name);
  }
});

test("E5 K21: each exchange is counted once, with time and origin", async () => {
  const made = await create({ allowed_origins: ["https://acme.example"] });
  for (let i = 0; i < 3; i++) assert.equal((await exchange(made.token, { headers: { origin: "https://acme.example" } })).status, 200);
  assert.equal((await exchange(made.token, { headers: { origin: "https://evil.example" } })).json.code, "origin_not_allowed");
  const { json: { data } } = await api(`/embed-tokens/${made.id}`);
  assert.equal(data.usage_count, 3);
  assert.equal(data.refused_count, 1);
  assert.equal(data.last_used_origin, "https://acme.example");
  assert.ok(Math.abs(Date.parse(data.last_used_at) - Date.now()) < 10_000);
  assert.equal(data.last_refused.code, "origin_not_allowed");
  assert.equal(data.last_refused.origin, "https://evil.example");
});

test("E10: a label is text: 100 characters of any kind, markup too; 101 are refused", async () => {
  for (const name of ["<script>alert(1)</script>", "😀".repeat(100), "x".repeat(100), "\"'&<>"]) {
    assert.equal((await create({ name })).name, name);
  }
  for (const name of ["", "   ", "x".repeat(101), "😀".repeat(101), "a\u0007b", 7, null]) {
    const answer = await api("/embed-tokens", { method: "POST", json: { customer_id: customer.id, name } });
    assert.equal(answer.status, 422, JSON.stringify(name));
    assert.deepEqual(answer.json.errors.map((e) => e.field), ["name"]);
  }
});

test("all faults of a body come in one answer, unknown names included", async () => {
  const answer = await api("/embed-tokens", { method: "POST", json: { customer_id: customer.id, name: 1, allowed_origins: ["ftp://x", "https://ok.example", "*.com"], expires_at: "2020-01-01T00:00:00Z", colour: "red" } });
  assert.equal(answer.status, 422);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const fields = answer.json.errors.map((e) => e.field).sort();
  assert.ok(fields.includes("name") && fields.includes("colour"), JSON.stringify(answer.json.errors));
  for (const error of answer.json.errors) assert.ok(error.message.length > 10, error.field);
});

test("a method override serves where a host blocks PATCH and DELETE", async () => {
  const made = await create();
  const patched = await api(`/embed-tokens/${made.id}`, { method: "POST", headers: { "x-http-method-override": "PATCH" }, json: { name: "Overridden" } });
  assert.equal(patched.json.data.name, "Overridden");
  const revoked = await api(`/embed-tokens/${made.id}`, { method: "POST", headers: { "x-http-method-override": "DELETE" } });
  assert.equal(revoked.json.data.status, "revoked");
});

test("T7: another partner's ids are not found, whatever is done with them", async () => {
  site.ctl("partner", "create", "--name", "Other", "--email", "other@example.com");
  const partners = site.ctl("partner", "list");
  const other = partners.find((p) => p.name === "Other");
  const foreign = site.ctl("--partner", other.id, "customer", "create", "--name", "Foreign");
  const token = site.ctl("--partner", other.id, "token", "create", "--customer", foreign.id, "--name", "Foreign");
  const absent = "01990000-0000-7000-8000-000000000000";
  for (const id of [token.id, absent, "nonsense"]) {
    for (const [path, options] of [[`/embed-tokens/${id}`, {}], [`/embed-tokens/${id}`, { method: "PATCH", json: { name: "x" } }], [`/embed-tokens/${id}`, { method: "DELETE" }],
      [`/embed-tokens/${id}/url`, {}], [`/embed-tokens/${id}/rotate`, { method: "POST", json: {} }]]) {
      const answer = await api(path, options);
      assert.equal(answer.status, 404, `${options.method ?? "GET"} ${path}: ${answer.text}`);
      assert.equal(answer.json.code, "not_found");
    }
  }
  assert.equal((await api("/embed-tokens", { method: "POST", json: { customer_id: foreign.id, name: "x" } })).status, 404);
});

test("K8 K23: 'shown once' can be made absolute: no URL is had from a token any more", async () => {
  const strict = await Site.start({ workers: 1, config: { copy_url: "off" } });
  try {
    const strictKey = strict.ctl("key", "create", "--type", "partner", "--name", "T").key;
    const { id } = strict.ctl("token", "create", "--customer", strict.ctl("customer", "create", "--name", "Acme").id, "--name", "T");
    const answer = await call(`${strict.base}/api/v1/embed-tokens/${id}/url`, { key: strictKey });
    assert.deepEqual([answer.status, answer.json.code], [403, "copy_url_disabled"]);
    assert.ok(!answer.text.includes("emu_"));
  } finally {
    await strict.stop();
  }
});
