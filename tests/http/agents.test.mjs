// SPDX-License-Identifier: GPL-3.0-or-later
// Agents, their results, and what embeds of them show; the agent login as its source has it. C1-C12, K31, T3, T6, T7.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

const sunset = "2031-05-06";
let site, key, acme, globex, agent, sibling, foreign;
const api = (path, options = {}) => call(site.base + "/api/v1" + path, { key, ...options });
const make = async (path, json, options = {}) => {
  const answer = await api(path, { method: "POST", json, ...options });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.data;
};
const login = (json, options = {}) => call(site.base + "/user/v1/embedded/login/", { method: "POST", json, ...options });
const refresh = (json, options = {}) => call(site.base + "/user/v1/embedded/refresh/", { method: "POST", json, ...options });
const loggedIn = async (json = { api_key: key, agent_id: agent.number }) => {
  const answer = await login(json);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const embed = (bearer, path = "/agent", options = {}) => call(site.base + "/api/v1/embed" + path, { bearer, ...options });
const outcome = ({ status, json }) => [status, json?.code].filter(Boolean).join(" ");
const claims = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

before(async () => {
  site = await Site.start({ config: { agent_login_sunset: sunset } });
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  acme = site.ctl("customer", "create", "--name", "Acme");
  globex = site.ctl("customer", "create", "--name", "Globex");
  agent = await make("/agents", { customerId: acme.id, name: "Front desk", description: "Answers\nthe phone." });
  sibling = await make("/agents", { customer_id: globex.id, name: "Sibling" });
  const other = site.ctl("partner", "create", "--name", "Other", "--email", "other@example.com");
  const customer = site.ctl("--partner", other.id, "customer", "create", "--name", "Foreign");
  const foreignKey = site.ctl("--partner", other.id, "key", "create", "--type", "partner", "--name", "Foreign").key;
  foreign = { key: foreignKey, agent: await make("/agents", { customer_id: customer.id, name: "Foreign" }, { key: foreignKey }) };
});
after(() => site?.stop());

/* ---- agents ---- */

test("C3: an agent has an id and a number that is unique in the installation", async () => {
  assert.deepEqual(Object.keys(agent).sort(), ["created_at", "created_by", "customer_id", "description", "id", "name", "number", "partner_id", "result_count", "updated_at"]);
  assert.ok(Number.isInteger(agent.number) && agent.number >= 1);
  assert.deepEqual([sibling.number, foreign.agent.number], [agent.number + 1, agent.number + 2]);
  assert.deepEqual([agent.name, agent.description, agent.customer_id, agent.partner_id, agent.result_count], ["Front desk", "Answers\nthe phone.", acme.id, acme.partner_id, 0]);
  for (const name of [agent.number, agent.id]) assert.deepEqual((await api(`/agents/${name}`)).json.data, agent);
});

test("agents are listed, changed and deleted; another tenant's are not found", async () => {
  const made = await make("/agents", { customer_id: acme.id, name: "Temporary" });
  const list = await api(`/agents?customer_id=${acme.id}&limit=1`);
  assert.equal(list.json.data[0].number, made.number);
  assert.equal(list.json.pagination.total, 2);
  assert.match(list.headers.get("link"), /rel="next"/);
  assert.ok((await api("/agents?limit=100")).json.data.some((a) => a.number === sibling.number));
  assert.ok(!(await api("/agents?limit=100")).text.includes(foreign.agent.id));
  const patched = await api(`/agents/${made.number}`, { method: "PATCH", json: { name: "Night desk", description: "By night." } });
  assert.deepEqual([patched.status, patched.json.data.name, patched.json.data.description], [200, "Night desk", "By night."]);
  assert.equal((await api(`/agents/${made.number}`, { method: "PATCH", json: { description: null } })).json.data.description, null);
  const removed = await api(`/agents/${made.number}`, { method: "DELETE" });
  assert.deepEqual([removed.status, removed.json.data.number], [200, made.number]);
  for (const name of [made.number, made.id, foreign.agent.number, foreign.agent.id, 0, "-1", "01", "x", "99999999999999999999"]) {
    for (const [path, options] of [["", {}], ["", { method: "PATCH", json: { name: "x" } }], ["", { method: "DELETE" }], ["/results", {}], ["/results", { method: "POST", json: { title: "t", status: "s" } }]]) {
      assert.equal(outcome(await api(`/agents/${name}${path}`, options)), "404 not_found", `${options.method ?? "GET"} ${name}${path}`);
    }
  }
});

test("bodies that make no agent and no result: every fault in one answer", async () => {
  for (const [path, json, fields] of [
    ["/agents", {}, ["customer_id", "name"]],
    ["/agents", { customer_id: acme.id, name: "", description: 5, number: 7 }, ["description", "name", "number"]],
    [`/agents/${agent.number}/results`, {}, ["status", "title"]],
    [`/agents/${agent.number}/results`, { title: "x".repeat(201), status: "s".repeat(41), score: "9", at: "noon" }, ["at", "score", "status", "title"]],
    [`/agents/${agent.number}/results`, { title: "t", status: "s", score: 1000001 }, ["score"]],
  ]) {
    const answer = await api(path, { method: "POST", json });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.json.errors.map((e) => e.field).sort(), fields);
  }
  assert.equal((await api("/agents", { method: "POST", json: { customer_id: foreign.agent.customer_id, name: "x" } })).status, 404);
});

test("results stand newest first, with their score as it was given", async () => {
  const worker = await make("/agents", { customer_id: acme.id, name: "Worker" });
  const bare = await make(`/agents/${worker.number}/results`, { title: "Call 1", status: "passed" });
  assert.deepEqual([bare.agent_id, bare.agent_number, bare.score, bare.summary], [worker.id, worker.number, null, null]);
  assert.equal(bare.at, bare.created_at);
  const full = await make(`/agents/${worker.id}/results`, { title: "Call 2", status: "failed", score: 87.1, summary: "Line one.\nLine two.", at: "2026-01-02T03:04:05+01:00" });
  assert.deepEqual([full.score, full.summary, full.at], [87.1, "Line one.\nLine two.", "2026-01-02T02:04:05Z"]);
  assert.equal((await make(`/agents/${worker.number}/results`, { title: "Call 3", status: "passed", score: 0 })).score, 0);
  const list = await api(`/agents/${worker.number}/results?limit=2`);
  assert.deepEqual(list.json.data.map((r) => r.title), ["Call 3", "Call 2"]);
  assert.equal(list.json.pagination.total, 3);
  assert.equal((await api(`/agents/${worker.number}`)).json.data.result_count, 3);
});

test("P6 P7 P8: keys and agents", async () => {
  const keys = Object.fromEntries([["customer", "--customer", acme.id], ["read_only"], ["webhook"]].map(([type, ...rest]) => [type, site.ctl("--partner", acme.partner_id, "key", "create", "--type", type, "--name", type, ...rest).key]));
  const wanted = {
    customer: ["200", "200", "404 not_found", "404 not_found", "201", "404 not_found"],
    read_only: ["200", "200", "200", "403 read_only_key", "403 read_only_key", "403 read_only_key"],
    webhook: Array(6).fill("403 key_type_not_allowed"),
  };
  for (const [type, outcomes] of Object.entries(wanted)) {
    const got = [];
    for (const [path, options] of [["/agents", {}], [`/agents/${agent.number}`, {}], [`/agents/${sibling.number}/results`, {}], [`/agents/${sibling.number}`, { method: "DELETE" }],
      [`/agents/${agent.number}/results`, { method: "POST", json: { title: "By a key", status: "passed" } }], ["/agents", { method: "POST", json: { customer_id: globex.id, name: "x" } }]]) {
      got.push(outcome(await api(path, { ...options, key: keys[type] })));
    }
    assert.deepEqual(got, outcomes, type);
  }
  assert.ok((await api("/agents?limit=100", { key: keys.customer })).json.data.every((a) => a.customer_id === acme.id));
});

/* ---- tokens of agents ---- */

test("a token of an agent takes its customer and agents:read from it, and dies with it", async () => {
  const worker = await make("/agents", { customer_id: acme.id, name: "Worker" });
  const made = [];
  for (const agentId of [worker.number, String(worker.number), worker.id]) {
    const token = await make("/embed-tokens", { agentId, name: "T" });
    assert.deepEqual([token.customer_id, token.agent_id, token.permissions], [acme.id, worker.id, ["agents:read"]]);
    made.push(token);
  }
  for (const agentId of [foreign.agent.number, foreign.agent.id, 999999]) {
    assert.equal((await api("/embed-tokens", { method: "POST", json: { agentId, name: "T" } })).status, 404, String(agentId));
  }
  for (const agentId of [0, -1, "x", 1.5, true]) {
    assert.equal((await api("/embed-tokens", { method: "POST", json: { agentId, name: "T" } })).status, 422, String(agentId));
  }
  const exchange = (json) => call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: made[0].token, ...json } });
  assert.equal(outcome(await exchange({})), "200");
  for (const agent_id of [worker.number, String(worker.number), worker.id]) assert.equal(outcome(await exchange({ agent_id })), "200", String(agent_id));
  for (const agent_id of [agent.number, agent.id, 999999]) assert.equal(outcome(await exchange({ agent_id })), "403 subject_mismatch", String(agent_id));
  assert.equal(outcome(await embed(made[0].token, "/dashboard")), "403 insufficient_scope");
  await api(`/agents/${worker.number}`, { method: "DELETE" });
  assert.equal(outcome(await exchange({})), "401 token_revoked");
  assert.equal((await api(`/embed-tokens/${made[2].id}`)).json.data.status, "revoked");
});

/* ---- what an embed of an agent shows ---- */

test("C11 K31: the embed of an agent as JSON: its own, or of a customer's token the one that is named", async () => {
  const shop = site.ctl("--partner", acme.partner_id, "customer", "create", "--name", "Shop");
  const worker = await make("/agents", { customer_id: shop.id, name: "Worker", description: "Works." });
  for (let i = 1; i <= 21; i++) await make(`/agents/${worker.number}/results`, { title: `Job ${i}`, status: "passed", score: i });
  const own = await make("/embed-tokens", { agent_id: worker.number, name: "Own" });
  const answer = await embed(own.token);
  assert.equal(answer.status, 200, answer.text);
  const { data } = answer.json;
  assert.deepEqual([data.customer, data.partner.id], [{ id: shop.id, name: "Shop" }, acme.partner_id]);
  assert.deepEqual(data.agent, { id: worker.id, number: worker.number, name: "Worker", description: "Works." });
  assert.equal(data.result_count, 21);
  assert.deepEqual(data.results.map((r) => r.title), Array.from({ length: 20 }, (_, i) => `Job ${21 - i}`));
  assert.deepEqual(Object.keys(data.results[0]).sort(), ["at", "id", "score", "status", "summary", "title"]);
  assert.equal(outcome(await embed(own.token, `/agent?agent_id=${worker.id}`)), "200");
  assert.equal(outcome(await embed(own.token, `/agent?agent_id=${agent.number}`)), "403 subject_mismatch");

  const whole = await make("/embed-tokens", { customer_id: shop.id, name: "Whole", permissions: ["agents:read"] });
  assert.equal((await embed(whole.token)).json.data.agent.number, worker.number, "the only one there is");
  const second = await make("/agents", { customer_id: shop.id, name: "Second" });
  const asked = await embed(whole.token);
  assert.deepEqual([outcome(asked), asked.json.errors[0].field], ["422 validation_failed", "agent_id"]);
  assert.equal((await embed(whole.token, `/agent?agent_id=${second.number}`)).json.data.agent.name, "Second");
  assert.equal((await embed(whole.token, `/agent?agentId=${worker.id}`)).json.data.agent.name, "Worker");
  for (const id of [agent.number, foreign.agent.id, 999999]) assert.equal(outcome(await embed(whole.token, `/agent?agent_id=${id}`)), "403 subject_mismatch", String(id));
  assert.equal(outcome(await embed(whole.token, "/agent?agent_id=x")), "403 subject_mismatch");

  const reader = await make("/embed-tokens", { customer_id: shop.id, name: "API", permissions: ["api:read"] });
  assert.equal(outcome(await embed(reader.token, `/agent?agent_id=${second.number}`)), "200", "api:read is every GET");
  const dashboard = await make("/embed-tokens", { customer_id: shop.id, name: "Dashboard" });
  const refused = await embed(dashboard.token);
  assert.equal(outcome(refused), "403 insufficient_scope");
  assert.match(refused.headers.get("www-authenticate"), /scope="agents:read"/);
  const empty = site.ctl("--partner", acme.partner_id, "customer", "create", "--name", "Empty");
  const nobody = await make("/embed-tokens", { customer_id: empty.id, name: "Nobody", permissions: ["agents:read"] });
  assert.equal(outcome(await embed(nobody.token)), "404 not_found");
});

test("the agent widget, by session and by access token: words as they are, markup as text", async () => {
  const shop = site.ctl("--partner", acme.partner_id, "customer", "create", "--name", "Widgets");
  const worker = await make("/agents", { customer_id: shop.id, name: "<b>Bold</b>", description: "Line one.\nLine two." });
  const token = await make("/embed-tokens", { agent_id: worker.number, name: "T" });
  const exchanged = await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token.token } });
  assert.deepEqual(exchanged.json.widgets, ["agent"]);
  const widget = (bearer, query = "") => call(site.base + "/embed/v1/widgets/agent" + query, { bearer, headers: { origin: "https://any.example" } });
  const empty = await widget(exchanged.json.auth_token);
  assert.equal(empty.status, 200, empty.text);
  assert.match(empty.text, /There are no results yet/);
  await make(`/agents/${worker.number}/results`, { title: "<script>alert(1)</script>", status: "Passed", score: 97.5, summary: "\"quoted\" & <i>so</i>" });
  const { access } = await loggedIn({ api_key: key, agent_id: worker.number });
  for (const bearer of [exchanged.json.auth_token, access]) {
    const { status, text, headers } = await widget(bearer);
    assert.equal(status, 200, text);
    assert.equal(headers.get("access-control-allow-origin"), "*");
    for (const part of ["&lt;b&gt;Bold&lt;/b&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;", 'class="eg-status eg-good">Passed', "97.5", "&lt;i&gt;so&lt;/i&gt;"]) assert.ok(text.includes(part), part);
    assert.ok(!/<script|<b>|<i>/.test(text));
  }
  const uses = (await api(`/embed-tokens/${token.id}/activity`)).json.data;
  assert.deepEqual([uses[0].widget, uses[0].code], ["agent", "ok"]);
  assert.equal(outcome(await widget(access, `?agent_id=${agent.number}`)), "403 subject_mismatch");
  assert.equal(outcome(await widget(token.token)), "401 wrong_token_type");
  assert.equal(outcome(await call(site.base + "/embed/v1/widgets/dashboard", { bearer: access })), "403 insufficient_scope");
  const page = await call(`${site.base}/e/${token.id}`);
  assert.match(page.text, /data-widget="agent"/, "the page of an embed URL knows what to ask for");
});

/* ---- the login ---- */

test("C1-C4 C9: key and number for two bare JWTs; the access token is good for a day", async () => {
  const answer = await login({ api_key: key, agent_id: agent.number });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(Object.keys(answer.json).sort(), ["access", "refresh"]);
  for (const jwt of Object.values(answer.json)) assert.ok(jwt.startsWith("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."), jwt);
  const { iat, exp } = claims(answer.json.access);
  assert.equal(exp - iat, 86400);
  assert.ok(Math.abs(iat - Date.now() / 1000) < 10);
  assert.equal(answer.headers.get("access-control-allow-origin"), null, "C12: not for pages");
  assert.equal(outcome(await login({ agent_id: agent.number }, { key })), "200", "the key may be in a header instead");
  assert.equal(outcome(await call(site.base + "/user/v1/embedded/login", { method: "POST", json: { api_key: key, agent_id: agent.number } })), "404 not_found", "with the slash, as its source has it");
});

test("C5-C7: faults are 400, keys that are none 401, agents that are not the key's and keys that may not 403", async () => {
  const customerKey = site.ctl("--partner", acme.partner_id, "key", "create", "--type", "customer", "--name", "C", "--customer", acme.id).key;
  const reader = site.ctl("--partner", acme.partner_id, "key", "create", "--type", "read_only", "--name", "R").key;
  const webhook = site.ctl("--partner", acme.partner_id, "key", "create", "--type", "webhook", "--name", "W").key;
  const n = agent.number;
  const cases = [
    ["no number", { api_key: key }, "400 validation_failed"],
    ["a number as text", { api_key: key, agent_id: String(n) }, "400 validation_failed"],
    ["no whole number", { api_key: key, agent_id: 1.5 }, "400 validation_failed"],
    ["zero", { api_key: key, agent_id: 0 }, "400 validation_failed"],
    ["a key that is no text", { api_key: 5, agent_id: n }, "400 validation_failed"],
    ["a name nobody knows", { api_key: key, agent_id: n, scope: "all" }, "400 validation_failed"],
    ["no JSON", "{", "400 invalid_json"],
    ["no key", { agent_id: n }, "401 missing_credentials"],
    ["an empty key", { api_key: "", agent_id: n }, "401 missing_credentials"],
    ["nothing at all", {}, "401 missing_credentials"],
    ["a key cut short", { api_key: key.slice(0, -1), agent_id: n }, "401 token_malformed"],
    ["an embed token", { api_key: (await make("/embed-tokens", { agent_id: n, name: "T" })).token, agent_id: n }, "401 wrong_token_type"],
    ["a wrong key and a fault: the key first", { api_key: "egp_x" }, "401 token_malformed"],
    ["another partner's agent", { api_key: key, agent_id: foreign.agent.number }, "403 subject_mismatch"],
    ["an agent nobody knows", { api_key: key, agent_id: 999999 }, "403 subject_mismatch"],
    ["a customer's key", { api_key: customerKey, agent_id: n }, "200"],
    ["a customer's key, a sibling's agent", { api_key: customerKey, agent_id: sibling.number }, "403 subject_mismatch"],
    ["a read-only key", { api_key: reader, agent_id: n }, "403 read_only_key"],
    ["a webhook key", { api_key: webhook, agent_id: n }, "403 key_type_not_allowed"],
  ];
  for (const [name, json, want] of cases) {
    const answer = await login(json);
    assert.equal(outcome(answer), want, `${name}: ${answer.text}`);
    if (answer.status === 200) continue;
    assert.equal(answer.headers.get("content-type"), "application/problem+json", name);
    assert.equal(answer.json.status, answer.status, name);
    assert.equal(answer.json.errors !== undefined, answer.json.code === "validation_failed", name);
    assert.ok(!answer.text.includes(key), name);
  }
  assert.deepEqual((await login({ api_key: key, agent_id: "1", x: 1 })).json.errors.map((e) => e.field), ["agent_id", "x"]);
  assert.equal(outcome(await login({ api_key: key, agent_id: n }, { key })), "400 multiple_credentials");
  assert.equal(outcome(await login({ api_key: key, agent_id: n }, { headers: { origin: "https://acme.example" } })), "403 server_key_in_browser", "C12");
  assert.equal(outcome(await call(site.base + "/user/v1/embedded/login/", { method: "POST", form: { api_key: key } })), "415 unsupported_media_type", "C2");
});

test("C13: both calls say in every answer that they are deprecated, and until when they are there", async () => {
  const good = await login({ api_key: key, agent_id: agent.number });
  for (const answer of [good, await login({}), await login("{"), await refresh({ refresh: good.json.refresh }), await refresh({}), await refresh({ refresh: "x" })]) {
    const since = /^@(\d+)$/.exec(answer.headers.get("deprecation"));
    assert.ok(since && Number(since[1]) < Date.parse(sunset) / 1000, `RFC 9745: ${answer.headers.get("deprecation")}`);
    assert.equal(Date.parse(answer.headers.get("sunset")), Date.parse(sunset));
    assert.match(answer.headers.get("sunset"), /GMT$/);
  }
  assert.equal((await api("/agents")).headers.get("deprecation"), null);
});

test("C11: the access token opens its agent's embed, and nothing else", async () => {
  const { access } = await loggedIn();
  const me = await embed(access, "/me");
  assert.equal(me.status, 200, me.text);
  assert.deepEqual([me.json.data.customer.name, me.json.data.token.agent_id, me.json.data.permissions], ["Acme", agent.id, ["agents:read"]]);
  assert.equal(outcome(await embed(access, `/me?agent_id=${agent.number}`)), "200");
  assert.equal(outcome(await embed(access, `/me?agent_id=${sibling.number}`)), "403 subject_mismatch");
  assert.equal(outcome(await embed(access, "/dashboard")), "403 insufficient_scope");
  assert.equal((await embed(access, "/me", { headers: { origin: "https://any.example" } })).headers.get("access-control-allow-origin"), "*");
  assert.equal(outcome(await api("/agents", { key: undefined, bearer: access })), "401 wrong_token_type", "it is no API key");
  assert.equal(outcome(await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: access } })), "401 wrong_token_type", "nor an embed token");
  const introspected = await call(site.base + "/api/v1/introspect", { method: "POST", key, form: { token: access } });
  assert.deepEqual([introspected.json.active, introspected.json.token_type, introspected.json.scope, introspected.json.exp], [true, "agent_access", "agents:read", claims(access).exp]);
  assert.deepEqual((await call(site.base + "/api/v1/introspect", { method: "POST", key: foreign.key, form: { token: access } })).json, { active: false });
});

test("T3 T4: what is not our access token to the letter is none", async () => {
  const { access, refresh: once } = await loggedIn();
  const [header, body] = access.split(".");
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  const signed = createHmac("sha256", key).update(`${header}.${body}`).digest("base64url");
  for (const text of [once, access.slice(0, -1), access + "A", `${none}.${body}.`, `${header}.${body}.`, `${header}.${body}.${signed}`]) {
    assert.equal(outcome(await embed(text, "/me")), "401 session_invalid", text);
  }
});

test("C10: a refresh token is good once; the second use ends the whole login", async () => {
  const first = await loggedIn();
  const second = await refresh({ refresh: first.refresh });
  assert.equal(second.status, 200, second.text);
  assert.deepEqual(Object.keys(second.json).sort(), ["access", "refresh"]);
  assert.equal(outcome(await embed(first.access, "/me")), "200");
  assert.equal(outcome(await embed(second.json.access, "/me")), "200");
  const other = await loggedIn();
  assert.equal(outcome(await refresh({ refresh: first.refresh })), "401 refresh_reused");
  assert.equal(outcome(await refresh({ refresh: second.json.refresh })), "401 refresh_reused");
  assert.equal(outcome(await embed(first.access, "/me")), "401 session_revoked");
  assert.equal(outcome(await embed(second.json.access, "/me")), "401 session_revoked");
  assert.equal(outcome(await embed(other.access, "/me")), "200", "another login goes on");
  for (const [json, want] of [[{}, "401 missing_credentials"], [{ refresh: null }, "401 missing_credentials"], [{ refresh: 5 }, "400 validation_failed"], [{ refresh: "hello" }, "401 refresh_invalid"],
    [{ refresh: other.access }, "401 refresh_invalid"], [{ refresh: key }, "401 wrong_token_type"], [{ refresh: other.refresh, more: 1 }, "400 validation_failed"]]) {
    assert.equal(outcome(await refresh(json)), want, JSON.stringify(json));
  }
  assert.equal(outcome(await refresh({ refresh: other.refresh }, { key })), "400 multiple_credentials");
  assert.equal(outcome(await refresh({ refresh: other.refresh })), "200", "a refused request used nothing up");
});

test("C10: of many at once one gets through, in all processes", async () => {
  for (let round = 0; round < 5; round++) {
    const { refresh: once } = await loggedIn();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh({ refresh: once })));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    assert.equal(answers.filter((a) => outcome(a) === "401 refresh_reused").length, 5);
    assert.equal(outcome(await embed(answers.find((a) => a.status === 200).json.access, "/me")), "401 session_revoked");
  }
});

test("T6: the API key, the agent and the customer decide at each use", async () => {
  const own = (await make("/api-keys", { name: "For the login", type: "partner" }));
  const worker = await make("/agents", { customer_id: globex.id, name: "Worker" });
  const enter = () => loggedIn({ api_key: own.key, agent_id: worker.number });
  const tokens = await enter();
  const uses = async () => [outcome(await embed(tokens.access, "/me")), outcome(await refresh({ refresh: tokens.refresh }))];
  const patch = (json) => api(`/customers/${globex.id}`, { method: "PATCH", json });
  for (const [off, on, ...want] of [
    [{ status: "disabled" }, { status: "active" }, "403 customer_disabled", "403 customer_disabled"],
    [{ portal_access: false }, { portal_access: true }, "403 portal_access_disabled", "403 portal_access_disabled"],
    [{ features: { embed: false } }, { features: { embed: true } }, "403 feature_not_enabled", "403 feature_not_enabled"],
    [{ features: { agents: false } }, { features: { agents: true } }, "200", "403 feature_not_enabled"],      // me needs no permission
  ]) {
    await patch(off);
    assert.deepEqual(await uses(), want, JSON.stringify(off));
    await patch(on);
  }
  const rotated = await api(`/api-keys/${own.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } });
  assert.equal(outcome(await embed(tokens.access, "/me")), "200");
  const later = await loggedIn({ api_key: rotated.json.data.key, agent_id: worker.number });
  await api(`/api-keys/${own.id}/rotate`, { method: "POST", json: { overlap_seconds: 3600 } });
  assert.deepEqual(await uses(), ["401 session_revoked", "401 session_revoked"], "its text of the key is out");
  assert.equal(outcome(await embed(later.access, "/me")), "200");
  await api(`/agents/${worker.number}`, { method: "DELETE" });
  assert.equal(outcome(await embed(later.access, "/me")), "401 session_revoked");
  const last = await loggedIn();
  await api(`/customers/${acme.id}/revoke-tokens`, { method: "POST", json: {} });
  assert.equal(outcome(await embed(last.access, "/me")), "401 session_revoked", "K28");
});
