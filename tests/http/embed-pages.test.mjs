// SPDX-License-Identifier: GPL-3.0-or-later
// The pages and the loader as a browser fetches them: A5, A15, A25, K16, E17, T10, T11, T15, T32.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Site, call } from "../lib/site.mjs";

let site, key, customer, token, urlToken;
const absent = "01990000-0000-7000-8000-000000000000";
const ancestors = (answer) => /frame-ancestors ([^;]+)/.exec(answer.headers.get("content-security-policy"))?.[1].trim().split(/\s+/).sort();

before(async () => {
  site = await Site.start();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  customer = site.ctl("customer", "create", "--name", "Acme <Events> & Söhne");
  token = site.ctl("token", "create", "--customer", customer.id, "--name", "T", "--origin", "https://acme.example", "--origin", "*.shop.example");
  urlToken = (await call(`${site.base}/api/v1/embed-tokens/${token.id}/url`, { key })).json.data.url.split("#")[1];
});
after(() => site?.stop());

function isHardened(answer, name) {
  assert.match(answer.headers.get("content-security-policy"), /default-src 'none'/, name);
  assert.match(answer.headers.get("content-security-policy"), /base-uri 'none'/, name);
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer", name);
  assert.equal(answer.headers.get("cache-control"), "no-store", name);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff", name);
  assert.equal(answer.headers.get("set-cookie"), null, name);
  assert.equal(answer.headers.get("x-frame-options"), null, name);
}

test("T11: /e/ID says which sites may frame it, holds no data and no secret", async () => {
  const page = await call(`${site.base}/e/${token.id}`);
  assert.equal(page.status, 200);
  isHardened(page, "page");
  assert.deepEqual(ancestors(page), ["'self'", "https://*.shop.example", "https://acme.example"].sort());
  assert.ok(!page.text.includes("Acme"), "no data before the exchange");
  const any = site.ctl("token", "create", "--customer", customer.id, "--name", "Any");
  assert.ok(ancestors(await call(`${site.base}/e/${any.id}`)).includes("*"));
});

test("an embed that is refused keeps its frame, names a code and shows no data", async () => {
  const gone = site.ctl("token", "create", "--customer", customer.id, "--name", "Gone", "--origin", "https://acme.example");
  site.ctl("token", "revoke", gone.id);
  for (const [path, status, code, frames] of [
    [`/e/${absent}`, 401, "invalid_token", ["*"]],
    ["/e/nonsense", 404, "not_found", ["*"]],
    [`/dashboard.html?token=${gone.token}`, 401, "token_revoked", ["'self'", "https://acme.example"]],
    ["/dashboard.html", 401, "missing_credentials", ["*"]],
    ["/dashboard.html?token=", 401, "missing_credentials", ["*"]],
    ["/dashboard.html?token=hello", 401, "token_malformed", ["*"]],
    [`/dashboard.html?token=${key}`, 401, "wrong_token_type", ["*"]],
  ]) {
    const page = await call(site.base + path);
    assert.equal(page.status, status, `${path}: ${page.text.slice(0, 100)}`);
    assert.match(page.headers.get("content-type"), /^text\/html/);
    isHardened(page, path);
    assert.ok(page.text.includes(code), `${path} names ${code}`);
    if (path.startsWith("/e/") && status === 401) assert.ok(!page.headers.get("www-authenticate").includes("error"), "RFC 6750 3.1: no credential came");
    for (const frame of frames) assert.ok(ancestors(page).includes(frame), `${path}: ${ancestors(page)}`);
    assert.ok(!page.text.includes("Acme") && !page.text.includes(gone.token) && !page.text.includes(key), path);
  }
});

test("A5 K16: /dashboard.html?token= answers 200 with the finished page, for both kinds of token", async () => {
  for (const text of [token.token, urlToken]) {
    const page = await call(`${site.base}/dashboard.html?token=${text}`);
    assert.equal(page.status, 200);
    isHardened(page, "dashboard");
    assert.deepEqual(ancestors(page), ["'self'", "https://*.shop.example", "https://acme.example"].sort());
    assert.ok(page.text.includes("Acme &lt;Events&gt; &amp; Söhne"), "the customer's name, escaped");
    assert.match(page.text, /<svg/);
    assert.match(page.text, /<table/);
    assert.ok(!page.text.includes(text), "T10: the token is not in the page");
  }
});

test("K25: the page of a text that was rotated out says until when it works", async () => {
  const old = site.ctl("token", "create", "--customer", customer.id, "--name", "Rotating");
  assert.equal((await call(`${site.base}/dashboard.html?token=${old.token}`)).headers.get("sunset"), null);
  const { token: text, previous_valid_until: until } = (await call(`${site.base}/api/v1/embed-tokens/${old.id}/rotate`, { method: "POST", key, json: { overlap_seconds: 3600 } })).json.data;
  const page = await call(`${site.base}/dashboard.html?token=${old.token}`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("deprecation"), /^@\d+$/);
  assert.equal(Date.parse(page.headers.get("sunset")), Date.parse(until));
  assert.equal((await call(`${site.base}/dashboard.html?token=${text}`)).headers.get("sunset"), null);
});

test("A15 E17 T32: the loader is one file under each name, the same for everybody, and small", async () => {
  const loaders = await Promise.all(["/embed.js", "/embed/v1/loader.js"].map((p) => call(site.base + p)));
  assert.equal(loaders[0].text, loaders[1].text);
  for (const loader of loaders) {
    assert.equal(loader.status, 200);
    assert.match(loader.headers.get("content-type"), /^text\/javascript/);
    assert.equal(loader.headers.get("access-control-allow-origin"), "*");
    assert.equal(loader.headers.get("cross-origin-resource-policy"), "cross-origin");
    assert.match(loader.headers.get("cache-control"), /max-age=3600/);
    assert.equal(loader.headers.get("set-cookie"), null);
  }
  for (const headers of [{ "x-forwarded-host": "evil.example" }, { host: "evil.example" }, { "accept-language": "de" }, { origin: "https://evil.example" }, { cookie: "a=b" }]) {
    assert.equal((await call(site.base + "/embed.js", { headers })).text, loaders[0].text, JSON.stringify(headers));
  }
  const etag = loaders[0].headers.get("etag");
  const again = await call(site.base + "/embed.js", { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
  assert.equal(again.text, "");
  assert.ok(gzipSync(loaders[0].text).length <= 4096, `${gzipSync(loaders[0].text).length} bytes gzip`);
  const { snippets } = (await call(`${site.base}/api/v1/embed-tokens/${token.id}/url`, { key })).json.data;
  const integrity = /integrity="(sha384-[^"]+)"/.exec(snippets.script)?.[1];
  if (integrity) {
    const src = /src="([^"]+)"/.exec(snippets.script)[1];
    const versioned = await call(src);
    assert.match(versioned.headers.get("cache-control"), /immutable/);
    assert.equal("sha384-" + createHash("sha384").update(versioned.text).digest("base64"), integrity);
  }
});

test("the dashboard's data: as a fragment and as its JSON twin", async () => {
  const { auth_token: session } = (await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token.token } })).json;
  const fragment = await call(site.base + "/embed/v1/widgets/dashboard", { bearer: session });
  assert.equal(fragment.status, 200, fragment.text);
  assert.match(fragment.text, /<svg/);
  assert.ok(!/<script|<html|style=/.test(fragment.text));
  const twin = await call(site.base + "/api/v1/embed/dashboard", { bearer: session });
  assert.equal(twin.status, 200, twin.text);
  assert.equal(twin.json.success, true);
  assert.ok(twin.json.data);
  const noPermission = site.ctl("token", "create", "--customer", customer.id, "--name", "API", "--permission", "api:read");
  const { auth_token: other } = (await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: noPermission.token } })).json;
  const refused = await call(site.base + "/embed/v1/widgets/dashboard", { bearer: other });
  assert.equal(refused.status, 403);
  assert.equal(refused.json.code, "insufficient_scope");
  assert.match(refused.headers.get("www-authenticate"), /scope="dashboard:read"/);
});
