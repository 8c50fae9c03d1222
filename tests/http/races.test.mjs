// SPDX-License-Identifier: GPL-3.0-or-later
// Changes at once, over four processes: never a success after the answer to a revocation, never a revoked token back, never
// two living texts after two rotations. T6, A21, A23, E4, E15.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

const ROUNDS = 1000, LANES = 8;
let site, key, customer;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { key, ...options });
const create = async () => (await api("/embed-tokens", { method: "POST", json: { customer_id: customer.id, name: "R" } })).json.data;
const exchange = (token) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token } });
const me = (bearer) => call(site.base + "/api/v1/embed/me", { bearer });

// `round` so many times, some of them side by side.
async function rounds(count, round) {
  let next = 0;
  await Promise.all(Array.from({ length: LANES }, async () => { while (next < count) await round(next++); }));
}

before(async () => {
  site = await Site.start({ workers: 4, config: { rate_limit: "off" } });
  key = site.ctl("key", "create", "--type", "partner", "--name", "T").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
});
after(() => site?.stop());

test(`revoke against use, ${ROUNDS} times: what was asked after the answer is refused, everywhere`, async () => {
  let during = 0;
  await rounds(ROUNDS, async (i) => {
    const token = await create();
    const { json: { auth_token: session } } = await exchange(token.token);
    let revoked = false;
    const use = async (how) => {
      const asked_after = revoked;
      const answer = await how();
      if (asked_after) assert.equal(answer.status, 401, `round ${i}: ${answer.text}`);
      else during += answer.status === 200;
      if (answer.status !== 200) assert.ok(["token_revoked", "session_revoked"].includes(answer.json.code), answer.text);
    };
    const at_once = [use(() => exchange(token.token)), use(() => me(session))];
    const answer = await api(`/embed-tokens/${token.id}`, { method: "DELETE" });
    assert.equal(answer.status, 200);
    revoked = true;
    await Promise.all([...at_once, ...Array.from({ length: 2 }, () => [use(() => exchange(token.token)), use(() => me(session))]).flat()]);
  });
  assert.ok(during > 0, "some uses were quicker than the revocation");
});

test("PATCH against revoke, 200 times: a revoked token stays revoked", async () => {
  const seen = new Set();
  await rounds(200, async () => {
    const token = await create();
    await api(`/embed-tokens/${token.id}`, { method: "PATCH", json: { is_active: false } });
    const [patched, revoked] = await Promise.all([
      api(`/embed-tokens/${token.id}`, { method: "PATCH", json: { is_active: true, name: "Back" } }),
      api(`/embed-tokens/${token.id}`, { method: "DELETE" }),
    ]);
    assert.equal(revoked.status, 200);
    assert.ok(patched.status === 200 || patched.json.code === "token_state_conflict", patched.text);
    seen.add(patched.status);
    assert.equal((await api(`/embed-tokens/${token.id}`)).json.data.status, "revoked");
    assert.equal((await exchange(token.token)).json.code, "token_revoked");
    assert.equal((await api(`/embed-tokens/${token.id}`, { method: "PATCH", json: { is_active: true } })).status, 409);
  });
  assert.ok(seen.has(200) || seen.has(409));
});

test("two rotations at once, 200 times: both are answered, one text lives", async () => {
  await rounds(200, async () => {
    const token = await create();
    const answers = await Promise.all([0, 1].map(() => api(`/embed-tokens/${token.id}/rotate`, { method: "POST", json: { overlap_seconds: 0 } })));
    for (const a of answers) assert.equal(a.status, 200, a.text);
    const texts = answers.map((a) => a.json.data.token);
    assert.notEqual(texts[0], texts[1]);
    const told = await Promise.all(texts.map(exchange));
    assert.deepEqual(told.map((a) => a.json.code ?? "ok").sort(), ["ok", "token_rotated"]);
    assert.equal((await exchange(token.token)).json.code, "token_rotated");
  });
});

test("A23: the primary token renewed twice at once: one text lives", async () => {
  await rounds(50, async () => {
    const user = (await api("/users", { method: "POST", json: { name: "U" } })).json.data;
    const answers = await Promise.all([0, 1].map(() => api(`/users/${user.id}/embed-token`, { method: "POST" })));
    const told = await Promise.all([user.embed_token, ...answers.map((a) => a.json.data.embed_token)].map(exchange));
    assert.equal(told.filter((a) => a.status === 200).length, 1);
    const current = (await api(`/users/${user.id}/embed-token`)).json.data.embed_token;
    assert.equal((await exchange(current)).status, 200);
  });
});
