// SPDX-License-Identifier: GPL-3.0-or-later
// The portal as a browser without scripts sees it: signing in and out, form tokens, and what strangers get. T14, T15, T17, T23, T25.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, customer;

// One browser: cookies are kept, forms are found in the page and sent with what stands in their fields.
class Visitor {
  cookie = "";
  async go(path, options = {}) {
    const answer = await call(site.base + path, { ...options, headers: { cookie: this.cookie, ...options.headers } });
    for (const set of answer.headers.getSetCookie()) this.cookie = set.split(";")[0];
    this.setCookie = answer.headers.getSetCookie();
    return answer;
  }
  form(page, action) {
    const found = new RegExp(`<form[^>]*action="[^"]*${action}"[^>]*>([\\s\\S]*?)</form>`).exec(page.text);
    assert.ok(found, `no form for ${action}`);
    const fields = {};
    for (const [input] of found[1].matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1];
      if (name && !/type="(checkbox|radio|submit)"/.test(input)) fields[name] = /value="([^"]*)"/.exec(input)?.[1] ?? "";
      else if (name && / checked/.test(input)) fields[name] = /value="([^"]*)"/.exec(input)?.[1] ?? "on";
    }
    return fields;
  }
  async post(path, fields, headers = {}) {
    return this.go(path, { method: "POST", form: fields, headers: { origin: site.base, "sec-fetch-site": "same-origin", ...headers } });
  }
  async signIn({ email, password } = site.owner) {
    return this.post("/portal/login", { ...this.form(await this.go("/portal/login"), "/portal/login"), email, password });
  }
}

before(async () => {
  site = await Site.start();
  customer = site.ctl("customer", "create", "--name", "Acme");
});
after(() => site?.stop());

test("sign in, look, sign out; a page behind the door leads to it and back", async () => {
  const visitor = new Visitor();
  const turned = await visitor.go("/portal/customers");
  assert.equal(turned.status, 303);
  assert.match(turned.headers.get("location"), /\/portal\/login\?next=/);
  const entered = await visitor.signIn();
  assert.equal(entered.status, 303, entered.text.slice(0, 300));
  assert.match(visitor.setCookie[0], /HttpOnly/);
  assert.match(visitor.setCookie[0], /SameSite=Lax/);
  const list = await visitor.go("/portal/customers");
  assert.equal(list.status, 200);
  assert.ok(list.text.includes("Acme"));
  const cookie = visitor.cookie;
  const left = await visitor.post("/portal/logout", visitor.form(list, "/portal/logout"));
  assert.equal(left.status, 303);
  visitor.cookie = cookie;
  assert.equal((await visitor.go("/portal/customers")).status, 303, "the old cookie is dead on the server, too");
});

test("T25: a wrong password and an unknown account look the same", async () => {
  const strip = (answer, email) => [answer.status, answer.text.replaceAll(answer.headers.get("x-request-id"), "").replaceAll(email, "")];
  const known = await new Visitor().signIn({ email: site.owner.email, password: "wrong password here" });
  const unknown = await new Visitor().signIn({ email: "nobody@partner.example", password: "wrong password here" });
  assert.equal(known.status, 401);
  assert.deepEqual(strip(known, site.owner.email), strip(unknown, "nobody@partner.example"));
});

test("T14: a form without its token, with another session's, or from another site changes nothing", async () => {
  const visitor = new Visitor(), other = new Visitor();
  await visitor.signIn();
  await other.signIn();
  const path = `/portal/customers/${customer.id}/embed-urls/new`;
  const page = await visitor.go(path);
  assert.equal(page.status, 200, "the create page");
  const action = /<form[^>]*method="post"[^>]*action="([^"]*embed-urls[^"]*)"/i.exec(page.text)?.[1] ?? /<form[^>]*action="([^"]*embed-urls[^"]*)"[^>]*method="post"/i.exec(page.text)[1];
  const target = new URL(action, site.base).pathname;
  const fields = visitor.form(page, target.split("/").pop());
  const foreign = other.form(await other.go(path), target.split("/").pop());
  for (const [what, form, headers] of [["no token", { ...fields, csrf: "" }, {}], ["another session's", { ...fields, csrf: foreign.csrf }, {}], ["a changed one", { ...fields, csrf: fields.csrf.replace(/^./, (c) => (c === "A" ? "B" : "A")) }, {}],
    ["another site's request", fields, { origin: "https://evil.example", "sec-fetch-site": "cross-site" }]]) {
    const answer = await visitor.post(target, form, headers);
    assert.equal(answer.status, 403, what);
    assert.ok(answer.text.includes("csrf_failed"), what);
  }
  assert.equal(site.ctl("token", "list").filter((t) => t.customer_id === customer.id).length, 0);
});

test("T17: after signing in nobody is sent off the site", async () => {
  for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/portal/../../evil", "javascript:alert(1)", "/%09/evil.example", "https:evil.example", "/portal/customers\r\nX: y", "////evil.example", "/.evil.example"]) {
    const visitor = new Visitor();
    const login = await visitor.go("/portal/login");
    const answer = await visitor.post("/portal/login", { ...visitor.form(login, "/portal/login"), next, ...site.owner });
    assert.equal(answer.status, 303, next);
    const location = new URL(answer.headers.get("location"), site.base + "/portal/login");
    assert.equal(location.origin, site.base, next);
    assert.match(location.pathname, /^\/portal\//, next);
  }
});

test("T7: another partner's customer is not found", async () => {
  site.ctl("partner", "create", "--name", "Other", "--email", "other@example.com");
  const other = site.ctl("partner", "list").find((p) => p.name === "Other");
  const foreign = site.ctl("--partner", other.id, "customer", "create", "--name", "Foreign");
  const visitor = new Visitor();
  await visitor.signIn();
  for (const id of [foreign.id, "01990000-0000-7000-8000-000000000000", "nonsense"]) {
    assert.equal((await visitor.go(`/portal/customers/${id}/embed-urls`)).status, 404, id);
  }
});

test("T23: guessing is stopped for the account, before any hashing, and says when to come back", async () => {
  const statuses = [];
  for (let i = 0; i < 12; i++) statuses.push((await new Visitor().signIn({ email: "victim@partner.example", password: `guess number ${i}` })).status);
  assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
  const limited = await new Visitor().signIn({ email: "victim@partner.example", password: "guess again here" });
  assert.ok(Number(limited.headers.get("retry-after")) > 0);
  assert.ok(limited.text.includes("login_limited"));
});

test("a page of features from before another's change does not take that back", async () => {
  const visitor = new Visitor();
  await visitor.signIn();
  const path = `/portal/customers/${customer.id}/features`;
  const page = await visitor.go(path);
  const csrf = visitor.form(page, "/features").csrf;
  const was = [...page.text.matchAll(/name="was_on" value="([a-z]+)"/g)].map((found) => found[1]);
  assert.deepEqual(was, ["embed", "analytics", "events", "agents", "api"]);
  const save = async (off) => {
    const body = new URLSearchParams([["csrf", csrf], ...was.map((name) => ["was_on", name]), ...was.filter((name) => name !== off).map((name) => ["feature", name])]).toString();
    const answer = await visitor.go(path, { method: "POST", body, headers: { origin: site.base, "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded" } });
    assert.equal(answer.status, 303, answer.text);
  };
  await save("events");
  await save("agents");
  const now = await visitor.go(path);
  assert.deepEqual([...now.text.matchAll(/name="was_on" value="([a-z]+)"/g)].map((found) => found[1]), ["embed", "analytics", "api"]);
});

test("a page behind the end of a list leads to its last page, with the search as it was", async () => {
  const visitor = new Visitor();
  await visitor.signIn();
  const lists = ["/portal/customers", `/portal/customers/${customer.id}/embed-urls`, `/portal/customers/${customer.id}/activity`, "/portal/activity"];
  for (const list of lists) {
    const answer = await visitor.go(`${list}?page=99999&q=nothing%26like`);
    assert.equal(answer.status, 303, list);
    assert.equal(answer.headers.get("location"), `${site.base}${list}?page=1&q=nothing%26like`);
    assert.equal((await visitor.go(`${list}?page=1`)).status, 200, list);
  }
});

test("K8: a form sent twice makes one token; its text is shown once more only to a double click", async () => {
  const visitor = new Visitor();
  await visitor.signIn();
  const path = `/portal/customers/${customer.id}/embed-urls/new`;
  const fields = { ...visitor.form(await visitor.go(path), "/embed-urls/new"), label: "Sent twice", any_site: "yes" };
  const before = site.ctl("--partner", customer.partner_id, "token", "list").length;
  const [first, second] = [await visitor.post(path, fields), await visitor.post(path, fields)];
  assert.equal(first.status, 303, first.text);
  assert.match(first.headers.get("location"), /\/created\?show=/);
  assert.equal(second.headers.get("location"), first.headers.get("location"), "one look for both");
  const shown = await visitor.go(first.headers.get("location").slice(site.base.length));
  assert.ok(secretOf(shown));
  const third = await visitor.post(path, fields);
  assert.equal(secretOf(await visitor.go(third.headers.get("location").slice(site.base.length))), secretOf(shown), "a double click");
  await new Promise((resolve) => setTimeout(resolve, 10_500));
  const late = await visitor.post(path, fields);
  assert.equal(late.status, 303);
  assert.doesNotMatch(late.headers.get("location"), /\/created/);
  const told = await visitor.go(late.headers.get("location").slice(site.base.length));
  assert.equal(secretOf(told), undefined);
  assert.match(told.text, /This form was sent before/);
  assert.equal(site.ctl("--partner", customer.partner_id, "token", "list").length, before + 1);
});

const secretOf = (page) => /emb_[A-Za-z0-9_-]{56}/.exec(page.text)?.[0];
const exchange = async (token) => (await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token } })).json.code ?? "ok";

// The rotate page of a token, and what its form does with a choice.
const rotation = async (visitor, token) => {
  const path = `/portal/customers/${customer.id}/embed-urls/${token.id}/rotate`;
  const page = await visitor.go(path);
  const fields = visitor.form(page, "/rotate");
  return { page, send: (overlap, other) => visitor.post(path, { ...fields, overlap: String(overlap), ...other }) };
};
const follow = (visitor, answer) => visitor.go(answer.headers.get("location").slice(site.base.length));

test("K25: the rotate form sent twice is one rotation; a shorter choice shortens the overlap, a longer one is asked about", async () => {
  const visitor = new Visitor();
  await visitor.signIn();
  const token = site.ctl("--partner", customer.partner_id, "token", "create", "--customer", customer.id, "--name", "Rotated");
  const until = async () => {
    const shown = site.ctl("--partner", customer.partner_id, "token", "list").find((t) => t.id === token.id);
    return (Date.parse(shown.previous_valid_until) - Date.parse(shown.rotated_at)) / 1000;
  };
  const { page, send } = await rotation(visitor, token);
  assert.doesNotMatch(page.text, /is being rotated/);
  const first = await send(86400), twice = await send(86400);
  assert.match(first.headers.get("location"), /\/created\?show=/);
  assert.equal(twice.headers.get("location"), first.headers.get("location"));
  const fresh = secretOf(await follow(visitor, first));
  assert.equal(await until(), 86400);

  const longer = await send(604800);
  assert.equal(longer.status, 409, longer.text);
  assert.match(longer.text, /cannot be given more time/);
  assert.equal(await until(), 86400);

  const shorter = await send(3600);
  assert.equal(shorter.status, 303);
  assert.equal(await until(), 3600);
  assert.deepEqual([await exchange(token.token), await exchange(fresh)], ["ok", "ok"]);

  const leak = await send(0);
  assert.equal(leak.status, 303, leak.text);
  assert.deepEqual([await exchange(token.token), await exchange(fresh)], ["token_rotated", "ok"]);
  assert.match((await follow(visitor, leak)).text, /Stopped working just now/);

  const next = await rotation(visitor, token);
  await next.send(3600);
  assert.equal((await follow(visitor, await send(86400))).text.includes("rotated in the meantime"), true, "a form from before that");
});

test("K25: the rotate page of a token that is rotating says so, and a fifth text is refused in the form", async () => {
  const visitor = new Visitor();
  await visitor.signIn();
  const token = site.ctl("--partner", customer.partner_id, "token", "create", "--customer", customer.id, "--name", "Often");
  for (const overlap of [3600, 86400, 604800, 2592000]) assert.equal((await (await rotation(visitor, token)).send(overlap)).status, 303);
  const { page, send } = await rotation(visitor, token);
  const shown = site.ctl("--partner", customer.partner_id, "token", "list").find((t) => t.id === token.id);
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) (\S+) GMT/.exec(new Date(shown.previous_valid_until).toUTCString());
  assert.ok(page.text.includes(`This token is being rotated: an earlier text works until ${Number(day)} ${month} ${year}, ${time} UTC.`));
  const fifth = await send(86400);
  assert.equal(fifth.status, 409);
  assert.match(fifth.text, /4 earlier texts work still/);
  assert.match(fifth.text, /value="86400" checked/);
  assert.equal(await exchange(token.token), "ok");
  assert.equal((await send(0)).status, 303);
  assert.equal(await exchange(token.token), "token_rotated");
});

test("A23: a primary token's old text can only stop now, and anything else is said in the form", async () => {
  const visitor = new Visitor();
  await visitor.signIn();
  const key = site.ctl("--partner", customer.partner_id, "key", "create", "--type", "partner", "--name", "Primary").key;
  const { json: { data: renewed } } = await call(`${site.base}/api/v1/users/${customer.id}/embed-token`, { method: "POST", key });
  const { page, send } = await rotation(visitor, { id: renewed.embed_token_id });
  assert.deepEqual([...page.text.matchAll(/name="overlap"[^>]*value="(\d+)"( checked)?/g)].map((found) => found.slice(1)), [["0", " checked"]]);
  const refused = await send(86400);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /A primary token has one valid text at a time/);
  assert.equal(await exchange(renewed.embed_token), "ok");
  assert.equal((await send(0)).status, 303);
  assert.equal(await exchange(renewed.embed_token), "token_rotated");
});
