// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9 of any program at any moment: the server brings it back and nothing acknowledged is gone. T6, T28.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, customer;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const exchange = (token) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token } });

before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
});
after(() => site?.stop());

test("T6: a revocation binds on the next request, in every process", async () => {
  for (let round = 0; round < 50; round++) {
    const made = (await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "R" } })).json.data;
    assert.ok((await Promise.all([1, 2, 3, 4].map(() => exchange(made.token)))).every((a) => a.status === 200));
    assert.equal((await call(`${site.base}/api/v1/embed-tokens/${made.id}`, { method: "DELETE", key })).status, 200);
    for (const answer of await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => exchange(made.token)))) assert.equal(answer.json.code, "token_revoked");
  }
});

test("kill -9 while tokens are made and revoked: what was answered holds, what failed is 5xx and never half done", async () => {
  const acknowledged = new Map();
  let stop = false, faults = 0;
  const writer = async () => {
    while (!stop) {
      try {
        const made = await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "K" } });
        if (made.status !== 201) {
          assert.ok(made.status >= 500, made.text);
          faults++;
          continue;
        }
        acknowledged.set(made.json.data.id, { token: made.json.data.token, revoked: false });
        if (acknowledged.size % 3 === 0) {
          const entry = acknowledged.get(made.json.data.id);
          entry.revoked = "asked";
          const gone = await call(`${site.base}/api/v1/embed-tokens/${made.json.data.id}`, { method: "DELETE", key });
          if (gone.status === 200) entry.revoked = true;
          else assert.ok(gone.status >= 500, gone.text);
        }
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        faults++;       // the connection went down with its worker
      }
    }
  };
  const writers = [writer(), writer(), writer()];
  for (let kills = 0; kills < 25; kills++) {
    await sleep(40 + Math.random() * 80);
    const [victim] = site.pids("api").sort(() => Math.random() - 0.5);
    if (victim) process.kill(victim, "SIGKILL");
  }
  await sleep(200);
  stop = true;
  await Promise.all(writers);
  assert.ok(acknowledged.size > 20, `${acknowledged.size} were made, ${faults} failed`);
  for (const [id, entry] of acknowledged) {
    const answer = await exchange(entry.token);
    if (entry.revoked === true) assert.equal(answer.json.code, "token_revoked", id);
    else if (entry.revoked === false) assert.equal(answer.status, 200, `${id}: ${answer.text}`);
    else assert.ok(answer.status === 200 || answer.json.code === "token_revoked", id);
  }
  assert.deepEqual(site.ctl("verify").findings ?? [], []);
});

test("everything killed at once, and started again: nothing is gone", async () => {
  const made = (await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "All" } })).json.data;
  for (const program of ["api", "embed", "portal"]) for (const pid of site.pids(program)) process.kill(pid, "SIGKILL");
  await site.halt();
  await site.serve();
  assert.equal((await exchange(made.token)).status, 200);
  assert.equal((await call(`${site.base}/api/v1/embed-tokens/${made.id}`, { key })).json.data.usage_count, 1);
});

test("counts are exact across processes and deaths of idle ones", async () => {
  const made = (await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "Count" } })).json.data;
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 40 }, () => exchange(made.token)));
    for (const pid of site.pids("api")) process.kill(pid, "SIGKILL");
    await sleep(100);
  }
  assert.equal((await call(`${site.base}/api/v1/embed-tokens/${made.id}`, { key })).json.data.usage_count, 200);
});
