// SPDX-License-Identifier: GPL-3.0-or-later
// Rate limits as a caller sees them: what is left, when to come again, and that nobody uses up what is another's. T39.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, other, token;
const list = (options) => call(site.base + "/api/v1/customers", options);
const exchange = (embed_token, headers = {}) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token }, headers });

before(async () => {
  site = await Site.start({ config: { key_rate: 5, token_rate: 4, address_rate: 3 } });
  key = site.ctl("key", "create", "--type", "partner", "--name", "One").key;
  other = site.ctl("key", "create", "--type", "partner", "--name", "Two").key;
  const customer = site.ctl("customer", "create", "--name", "Acme");
  token = site.ctl("token", "create", "--customer", customer.id, "--name", "T").token;
});
after(() => site?.stop());

function limits(answer, name, rate) {
  assert.equal(answer.headers.get("ratelimit-policy"), `"${name}";q=${rate};w=60`);
  const [, left, reset] = new RegExp(`^"${name}";r=(\\d+);t=(\\d+)$`).exec(answer.headers.get("ratelimit")) ?? assert.fail(answer.headers.get("ratelimit"));
  assert.ok(Number(reset) <= 60);
  return Number(left);
}

test("each API key has one bucket; another's is untouched", async () => {
  for (let left = 4; left >= 0; left--) {
    const answer = await list({ key });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(limits(answer, "key", 5), left);
  }
  const over = await list({ key });
  assert.deepEqual([over.status, over.json.code], [429, "rate_limited"]);
  assert.equal(limits(over, "key", 5), 0);
  assert.ok(Number(over.headers.get("retry-after")) >= 1 && Number(over.headers.get("retry-after")) <= 60);
  assert.equal((await list({ key: other })).status, 200);
});

test("an embed token has one bucket for each address, which its sessions share", async () => {
  const first = await exchange(token);
  assert.equal(limits(first, "token", 4), 3);
  for (const left of [2, 1]) assert.equal(limits(await call(site.base + "/api/v1/embed/me", { bearer: first.json.auth_token }), "token", 4), left);
  assert.equal(limits(await exchange(token), "token", 4), 0);
  const over = await exchange(token);
  assert.deepEqual([over.status, over.json.code], [429, "rate_limited"]);
  assert.equal(over.headers.get("access-control-allow-origin"), "*");
});

test("T39: strangers share their address's bucket; a genuine credential is not held up by it", async () => {
  for (let i = 0; i < 3; i++) {
    const answer = await exchange("hello");
    assert.equal(answer.json.code, "token_malformed");
    assert.equal(limits(answer, "address", 3), 2 - i);
  }
  for (const answer of [await exchange("hello"), await list({}), await list({ key: "egp_x" })]) {
    assert.deepEqual([answer.status, answer.json.code], [429, "rate_limited"]);
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
  }
  assert.equal((await list({ key: other })).status, 200);
  assert.equal((await call(site.base + "/healthz")).status, 200);
});
