// SPDX-License-Identifier: GPL-3.0-or-later
// Every route with every credential: who gets in, who does not, and with which word. T4, T5, T7, T9, K13, P5-P8, E1.
// A route without a rule fails, and so does a rule without a route.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";
import { World } from "../lib/world.mjs";

let site, world;

// keys: which kinds of API key may (p partner, c customer, r read-only). `of`: what the path's id names; `fresh`: one of its own
// for each request that succeeds, because that changes it. `body` gets the world. `secret`: the answer holds a credential.
// `inBody`: where the credential stands. `lacks`: the kinds of embed credential that have not the permission here. `foreign`: what another tenant gets.
const own = (w) => ({ customer_id: w.customer.id });
const tokenRules = (at) => ({
  [`GET ${at}/embed-tokens`]: { keys: "pcr" },
  [`POST ${at}/embed-tokens`]: { keys: "pc", status: 201, body: (w) => ({ ...own(w), name: "Made" }), names: true },
  [`GET ${at}/embed-tokens/{id}`]: { keys: "pcr", of: "token" },
  [`PATCH ${at}/embed-tokens/{id}`]: { keys: "pc", of: "token", body: () => ({ name: "Changed" }) },
  [`DELETE ${at}/embed-tokens/{id}`]: { keys: "pc", of: "token", fresh: true },
  [`POST ${at}/embed-tokens/{id}/rotate`]: { keys: "pc", of: "token", fresh: true, body: () => ({}) },
  [`GET ${at}/embed-tokens/{id}/url`]: { keys: "pc", of: "token", secret: true },
  [`GET ${at}/embed-tokens/{id}/activity`]: { keys: "pcr", of: "token" },
});
const rules = {
  ...tokenRules("/api/v1"),
  ...tokenRules("/api/developer/v1"),
  "POST /api/v1/tokens/verify": { keys: "pc", body: () => ({ token: "emb_x" }) },
  "POST /api/v1/introspect": { keys: "pc", form: { token: "emb_x" } },
  "POST /api/v1/revoke": { keys: "pc", form: { token: "emb_x" } },
  "POST /api/v1/users": { keys: "p", status: 201, body: () => ({ name: "Made" }) },
  "GET /api/v1/users/{id}/embed-token": { keys: "pc", of: "customer", secret: true },
  "POST /api/v1/users/{id}/embed-token": { keys: "pc", of: "customer", body: () => ({}) },
  "GET /api/v1/customers": { keys: "pcr" },
  "POST /api/v1/customers": { keys: "p", status: 201, body: () => ({ name: "Made" }) },
  "GET /api/v1/customers/{id}": { keys: "pcr", of: "customer" },
  "PATCH /api/v1/customers/{id}": { keys: "pc", of: "customer", body: () => ({ email: "own@example.com" }) },
  "DELETE /api/v1/customers/{id}": { keys: "p", of: "customer", fresh: true },
  "POST /api/v1/customers/{id}/revoke-tokens": { keys: "pc", of: "customer" },
  "POST /api/v1/customers/{id}/metrics": { keys: "pc", of: "customer", body: () => [{ name: "Calls", date: new Date().toISOString().slice(0, 10), value: 1 }] },
  "GET /api/v1/analytics": { keys: "pcr" },
  "GET /api/v1/api-keys": { keys: "p" },
  "POST /api/v1/api-keys": { keys: "p", status: 201, body: () => ({ type: "webhook", name: "Made" }) },
  "GET /api/v1/api-keys/{id}": { keys: "p", of: "key" },
  "PATCH /api/v1/api-keys/{id}": { keys: "p", of: "key", body: () => ({ name: "Changed" }) },
  "DELETE /api/v1/api-keys/{id}": { keys: "p", of: "key", fresh: true },
  "POST /api/v1/api-keys/{id}/rotate": { keys: "p", of: "key", fresh: true, body: () => ({}) },
  "GET /api/v1/agents": { keys: "pcr" },
  "POST /api/v1/agents": { keys: "pc", status: 201, body: (w) => ({ ...own(w), name: "Made" }), names: true },
  "GET /api/v1/agents/{number}": { keys: "pcr", of: "agent" },
  "PATCH /api/v1/agents/{number}": { keys: "pc", of: "agent", body: () => ({ name: "Changed" }) },
  "DELETE /api/v1/agents/{number}": { keys: "pc", of: "agent", fresh: true },
  "GET /api/v1/agents/{number}/results": { keys: "pcr", of: "agent" },
  "POST /api/v1/agents/{number}/results": { keys: "pc", status: 201, of: "agent", body: () => ({ title: "Call", status: "passed" }) },
  "POST /user/v1/embedded/login/": { keys: "pc", inBody: (w, text) => ({ api_key: text, agent_id: w.targets.agent }), names: true, foreign: [403, "subject_mismatch"] },
  "POST /user/v1/embedded/refresh/": { refreshes: true, inBody: (w, text) => ({ refresh: text }) },
  "GET /api/v1/embed/agent": { takes: ["emb", "session", "access"], lacks: ["emb", "session"] },
  "POST /api/validate-embed-token": { takes: ["emb", "emu"], body: () => ({}) },
  "GET /api/v1/embed/me": { takes: ["emb", "session", "access"] },
  "GET /api/v1/embed/dashboard": { takes: ["emb", "session", "access"], lacks: ["access"] },
  "GET /api/v1/openapi.json": { public: true },
  "GET /healthz": { public: true },
  "GET /readyz": { public: true },
  // embed.fcgi, which has no document
  "GET /embed.js": { public: true },
  "GET /embed/v1/loader.js": { public: true },
  "GET /e/{id}": { public: true, of: "embed" },
  "GET /dashboard.html": { takes: ["emb", "emu"], query: true, page: true },
  "GET /embed/v1/widgets/dashboard": { takes: ["session", "access"], lacks: ["access"] },
  "GET /embed/v1/widgets/agent": { takes: ["session", "access"], lacks: ["session"] },
};

// [status, code] of a request, from its rule and its credential alone.
function expected(rule, method, c) {
  if (rule.public) return [200];
  if (c.kind === "none") return [401, "missing_credentials"];
  if (rule.refreshes) return c.kind === "refresh" ? [200] : [401, ["key", "emb", "emu"].includes(c.kind) ? "wrong_token_type" : "refresh_invalid"];
  if (c.kind === "malformed") return [401, "token_malformed"];
  if (rule.takes) {
    // Only their keys tell the three kinds of JWT apart.
    if (c.kind === "refresh" && rule.takes.includes("session")) return [401, "session_invalid"];
    if (!rule.takes.includes(c.kind)) return [401, "wrong_token_type"];
    return c.code ? [401, c.code] : rule.lacks?.includes(c.kind) ? [403, "insufficient_scope"] : [200];
  }
  if (c.kind !== "key") return [401, "wrong_token_type"];
  if (c.code) return [401, c.code];
  if (c.type === "read_only" && (method !== "GET" || rule.secret)) return [403, "read_only_key"];
  if (c.type === "webhook" || !rule.keys.includes(c.type[0])) return [403, "key_type_not_allowed"];
  if (c.sees === "nothing" && (rule.of || rule.names)) return rule.foreign ?? [404, "not_found"];
  return [rule.status ?? 200];
}

before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  world = await World.make(site);
  world.targets = { token: await world.make("token"), key: await world.make("key"), agent: await world.make("agent"), customer: world.customer.id, embed: world.living.id };
  await world.api(`/users/${world.customer.id}/embed-token`, { method: "POST" });
});
after(() => site?.stop());

async function request(name, rule, c, present) {
  const [method, template] = name.split(" ");
  const id = rule.fresh && expected(rule, method, c)[0] < 300 ? await world.make(rule.of) : world.targets[rule.of];
  let url = site.base + template.replace(/\{\w+\}/, id);
  const options = { method, json: rule.inBody ? rule.inBody(world, c.text) : rule.body?.(world), form: rule.form };
  if (rule.inBody) return call(url, options);
  if (c.text && rule.query) url += "?token=" + encodeURIComponent(c.text);
  else if (c.text) options[present] = c.text;
  return call(url, options);
}

test("every route of the document has one rule, and every rule of the API a route", async () => {
  const document = await (await fetch(site.base + "/api/v1/openapi.json")).json();
  const routes = Object.entries(document.paths).flatMap(([p, methods]) => Object.keys(methods).map((m) => `${m.toUpperCase()} ${p}`));
  assert.deepEqual(routes.filter((r) => !rules[r]), [], "routes without a rule");
  assert.deepEqual(Object.keys(rules).filter((r) => /^\w+ \/(api|user|healthz|readyz)/.test(r) && !routes.includes(r)), [], "rules without a route");
});

for (const [name, rule] of Object.entries(rules)) {
  test(name, async () => {
    for (const [who, c] of Object.entries(world.credentials)) {
      const [status, code] = expected(rule, name.split(" ")[0], c);
      for (const present of c.kind === "key" && rule.keys ? ["bearer", "key"] : ["bearer"]) {
        const answer = await request(name, rule, c, present);
        const told = rule.page ? undefined : answer.json?.code;
        assert.deepEqual([answer.status, told], [status, rule.page ? undefined : code], `${who} as ${present}: ${answer.text.slice(0, 300)}`);
        if (rule.page && code) assert.ok(answer.text.includes(code), `${who}: the page names ${code}`);
      }
    }
  });
}

test("T7: an id of another tenant and one that nobody has are told alike, word for word", async () => {
  const strip = (a) => a.text.replace(/"request_id":"[^"]+"/, "");
  for (const [name, rule] of Object.entries(rules)) {
    if (!rule.of || rule.public) continue;
    const [method, template] = name.split(" ");
    const ask = (id) => call(site.base + template.replace(/\{\w+\}/, id), { method, json: rule.body?.(world), key: world.credentials.foreign.text });
    const foreign = await ask(world.targets[rule.of]);
    for (const id of ["01990000-0000-7000-8000-000000000000", "nonsense"]) {
      const absent = await ask(id);
      assert.deepEqual([absent.status, strip(absent)], [foreign.status, strip(foreign)], `${name} ${id}`);
    }
  }
});
