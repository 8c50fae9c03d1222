// SPDX-License-Identifier: GPL-3.0-or-later
// What is refused, with which status and code, and that a refusal tells no stranger anything: K32-K34, T4, T13, T21, T37.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, customer, token, urlToken;
const exchange = (options) => call(site.base + "/api/validate-embed-token", { method: "POST", ...options });
const spoil = (text, at) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

// A token of the right shape and checksum that no key of ours signed.
function forge(text) {
  const bytes = Buffer.from(text.slice(4), "base64url");
  bytes[30] ^= 1;
  const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
  let crc = 0xffffffff;
  for (const b of Buffer.concat([Buffer.from(text.slice(0, 4)), bytes.subarray(0, 38)])) crc = crcTable[(crc ^ b) & 255] ^ (crc >>> 8);
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 38);
  return text.slice(0, 4) + bytes.toString("base64url");
}

// fetch() makes one header of two.
function twoHeaders(path, authorization) {
  return new Promise((resolve, reject) => {
    http.get(site.base + path, { headers: { authorization } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => { text += part; });
      answer.on("end", () => resolve({ status: answer.statusCode, type: answer.headers["content-type"], text }));
    }).on("error", reject);
  });
}

before(async () => {
  site = await Site.start();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
  token = (await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "T", allowed_origins: ["https://acme.example", "*.shop.example"] } })).json.data;
  urlToken = (await call(`${site.base}/api/v1/embed-tokens/${token.id}/url`, { key })).json.data.url.split("#")[1];
});
after(() => site?.stop());

test("K32 K33: each way to present a token wrongly has its own code at the exchange", async () => {
  const good = token.token;
  const cases = [
    ["nothing", { json: {} }, 401, "missing_credentials"],
    ["a space behind it", { json: { embed_token: good + " " } }, 401, "token_malformed"],
    ["cut short", { json: { embed_token: good.slice(0, -1) } }, 401, "token_malformed"],
    ["one letter changed", { json: { embed_token: spoil(good, 20) } }, 401, "token_malformed"],
    ["not a token at all", { json: { embed_token: "hello" } }, 401, "token_malformed"],
    ["right shape, not ours", { json: { embed_token: forge(good) } }, 401, "invalid_token"],
    ["a partner API key", { json: { embed_token: key } }, 401, "wrong_token_type"],
    ["a URL token from a foreign site", { json: { embed_token: urlToken }, headers: { origin: "https://acme.example" } }, 401, "wrong_token_type"],
    ["two credentials", { json: { embed_token: good }, bearer: good }, 400, "multiple_credentials"],
    ["key and token", { json: { embed_token: good }, key }, 400, "multiple_credentials"],
    ["another token's id", { json: { embed_token: good, token_id: "01990000-0000-7000-8000-000000000000" } }, 403, "subject_mismatch"],
    ["another customer", { json: { embed_token: good, customer_id: "01990000-0000-7000-8000-000000000000" } }, 403, "subject_mismatch"],
    ["a site that is not listed", { json: { embed_token: good }, headers: { origin: "https://evil.example" } }, 403, "origin_not_allowed"],
    ["our own origin without the token's id", { json: { embed_token: urlToken }, headers: { origin: site.base } }, 403, "subject_mismatch"],
    ["text that is no JSON", { body: "{", headers: { "content-type": "application/json" } }, 400, "invalid_json"],
    ["a form", { form: { embed_token: good } }, 415, "unsupported_media_type"],
  ];
  for (const [name, options, status, code] of cases) {
    const answer = await exchange(options);
    assert.equal(answer.json?.code, code, `${name}: ${answer.text}`);
    assert.equal(answer.status, status, name);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", `${name}: the loader must be able to read why`);
    assert.equal(answer.json.status, status);
    assert.equal(answer.json.success, false);
    assert.equal(answer.json.request_id, answer.headers.get("x-request-id"));
    if (status === 401) assert.match(answer.headers.get("www-authenticate"), /^Bearer/, name);
    assert.ok(!answer.text.includes(good) && !answer.text.includes(key), `${name}: no credential is echoed`);
  }
  const nothing = (await exchange({ json: {} })).headers.get("www-authenticate");
  assert.match(nothing, /^Bearer realm=/, "RFC 6750 3: at least one parameter");
  assert.ok(!nothing.includes("error"), "RFC 6750 3.1: no error code when nothing came");
  assert.equal((await exchange({ json: { embed_token: urlToken } })).status, 200, "a URL token without Origin");
  assert.equal((await exchange({ json: { embed_token: urlToken, token_id: token.id }, headers: { origin: site.base } })).status, 200, "and from our own page that names its id");
});

test("an unknown id and a wrong secret give the same bytes", async () => {
  const other = site.ctl("token", "create", "--customer", customer.id, "--name", "Other");
  const strip = ({ status, text, headers }) => [status, text.replace(headers.get("x-request-id"), ""), headers.get("www-authenticate")];
  assert.deepEqual(strip(await exchange({ json: { embed_token: forge(token.token) } })), strip(await exchange({ json: { embed_token: forge(other.token) } })));
});

test("T13: data goes to listed origins only, whatever the spelling; none is echoed but an allowed one", async () => {
  const allowed = ["https://acme.example", "https://a.shop.example", "https://a.b.shop.example"];
  const refused = ["null", "https://acme.example.evil.example", "https://evilacme.example", "http://acme.example", "https://acme.example:8443", "https://ACME.example", "https://acme.example/",
    "https://user@acme.example", "https://acme.example\\@evil.example", "https://shop.example", "https://evilshop.example", "*", "https://*.shop.example", "acme.example", "https://acme.example https://evil.example"];
  for (const origin of allowed) {
    const answer = await exchange({ json: { embed_token: token.token }, headers: { origin } });
    assert.equal(answer.status, 200, origin);
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
    assert.match(answer.headers.get("vary"), /\bOrigin\b/i);
    assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  }
  for (const origin of refused) {
    const answer = await exchange({ json: { embed_token: token.token }, headers: { origin } });
    assert.equal(answer.status, 403, origin);
    assert.equal(answer.json.code, "origin_not_allowed", origin);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", origin);
    assert.equal(answer.json.auth_token, undefined);
  }
  const any = site.ctl("token", "create", "--customer", customer.id, "--name", "Any site");
  assert.equal((await exchange({ json: { embed_token: any.token }, headers: { origin: "https://whoever.example" } })).headers.get("access-control-allow-origin"), "*");
});

test("a session is bound to its token's sites, too, and dies with the token", async () => {
  const made = (await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "S", allowed_origins: ["https://acme.example"] } })).json.data;
  const { json: { auth_token: session } } = await exchange({ json: { embed_token: made.token } });
  const me = (headers = {}) => call(site.base + "/api/v1/embed/me", { bearer: session, headers });
  assert.equal((await me()).status, 200);
  assert.equal((await me({ origin: "https://acme.example" })).headers.get("access-control-allow-origin"), "https://acme.example");
  assert.equal((await me({ origin: "https://evil.example" })).json.code, "origin_not_allowed");
  await call(`${site.base}/api/v1/embed-tokens/${made.id}`, { method: "DELETE", key });
  assert.equal((await me()).json.code, "session_revoked");
});

test("A4 what an embed credential is asked about is never dropped, however it is spelled", async () => {
  const { json: { auth_token: session } } = await exchange({ json: { embed_token: token.token } });
  const foreign = site.ctl("customer", "create", "--name", "Foreign").id;
  const routes = ["/api/v1/embed/me", "/api/v1/embed/dashboard", "/embed/v1/widgets/dashboard"];
  for (const path of routes) {
    for (const [query, status, code] of [
      [`customer_id=${customer.id}`, 200], [`customerId=${customer.id}`, 200], [`tokenId=${token.id}&customerId=${customer.id}`, 200],
      [`customer_id=${foreign}`, 403, "subject_mismatch"], [`customerId=${foreign}`, 403, "subject_mismatch"], ["tokenId=x&foo=1", 403, "subject_mismatch"],
      [`customer_id=${customer.id}&customer_id=${foreign}`, 422, "validation_failed"], [`customer_id=${customer.id}&customerId=${customer.id}`, 422, "validation_failed"],
      [`customerid=${foreign}`, 422, "validation_failed"], ["foo=1", 422, "validation_failed"],
    ]) {
      const answer = await call(`${site.base}${path}?${query}`, { bearer: session });
      assert.equal(answer.status, status, `${path}?${query}: ${answer.text.slice(0, 300)}`);
      if (code) assert.equal(answer.json.code, code, `${path}?${query}`);
    }
    assert.equal((await call(`${site.base}${path}?foo=1`)).json.code, "missing_credentials", "who asks comes before what is asked");
  }
  assert.equal((await call(`${site.base}/api/validate-embed-token?customerId=${foreign}`, { method: "POST", json: { embed_token: token.token } })).json.code, "validation_failed", "the exchange is asked in its body");
  assert.equal((await call(`${site.base}/api/validate-embed-token?customerId=${foreign}`, { method: "POST", json: { embed_token: spoil(token.token, 20) } })).json.code, "token_malformed");
});

test("CORS: a preflight is answered without a look-up on embed routes, and nowhere else", async () => {
  for (const path of ["/api/validate-embed-token", "/api/v1/embed/me", "/api/v1/embed/dashboard", "/embed/v1/widgets/dashboard"]) {
    const answer = await call(site.base + path, { method: "OPTIONS", headers: { origin: "https://x.example", "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" } });
    assert.equal(answer.status, 204, path);
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.match(answer.headers.get("access-control-allow-methods"), /GET.*POST/);
    assert.match(answer.headers.get("access-control-allow-headers"), /authorization.*content-type/i);
    assert.equal(answer.headers.get("access-control-allow-credentials"), null);
  }
  for (const path of ["/api/v1/embed/nope", "/api/v1/embed/me/nope", "/embed/v1/widgets/nope", "/embed/v1/widgets/a/b"]) {
    assert.equal((await call(site.base + path, { method: "OPTIONS", headers: { origin: "https://x.example" } })).status, 204, path);
    const answer = await call(site.base + path, { headers: { origin: "https://x.example" } });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*", `${path}: a loader of another version reads why`);
    assert.ok([401, 404].includes(answer.status) && answer.json.code, path);
  }
  assert.equal((await call(site.base + "/api/v1/embed/me", { method: "DELETE" })).headers.get("access-control-allow-origin"), "*");
  const other = await call(site.base + "/api/v1/embed-tokens", { method: "OPTIONS", headers: { origin: "https://x.example" } });
  assert.equal(other.status, 405);
  assert.equal(other.headers.get("access-control-allow-origin"), null);
});

test("T4 T9: every kind of credential at every kind of door: only its own opens", async () => {
  const session = (await exchange({ json: { embed_token: token.token } })).json.auth_token;
  const doors = {
    api: (c) => call(site.base + "/api/v1/embed-tokens", { bearer: c }),
    exchange: (c) => exchange({ json: { embed_token: c } }),
    embed: (c) => call(site.base + "/api/v1/embed/me", { bearer: c }),
    widget: (c) => call(site.base + "/embed/v1/widgets/dashboard", { bearer: c }),
  };
  const expected = {
    api: { key: 200, emb: "wrong_token_type", emu: "wrong_token_type", session: "wrong_token_type" },
    exchange: { key: "wrong_token_type", emb: 200, emu: 200, session: "wrong_token_type" },
    embed: { key: "wrong_token_type", emb: 200, emu: "wrong_token_type", session: 200 },
    widget: { key: "wrong_token_type", emu: "wrong_token_type", session: 200 },
  };
  const texts = { key, emb: token.token, emu: urlToken, session };
  for (const [door, row] of Object.entries(expected)) {
    for (const [kind, want] of Object.entries(row)) {
      const answer = await doors[door](texts[kind]);
      assert.equal(answer.status === 200 ? 200 : answer.json?.code, want, `${kind} at ${door}: ${answer.text.slice(0, 200)}`);
    }
  }
});

test("T37: an API key that comes from a browser is refused before it is looked up", async () => {
  for (const k of [key, spoil(key, 3)]) {
    const answer = await call(site.base + "/api/v1/embed-tokens", { key: k, headers: { origin: "https://acme.example" } });
    assert.ok(["server_key_in_browser", "token_malformed"].includes(answer.json.code));
  }
  assert.equal((await call(site.base + "/api/v1/embed-tokens", { key, headers: { origin: "https://acme.example" } })).json.code, "server_key_in_browser");
});

test("keys: missing, malformed, unknown, revoked, expired", async () => {
  const list = (options) => call(site.base + "/api/v1/embed-tokens", options);
  assert.equal((await list({})).json.code, "missing_credentials");
  assert.equal((await list({ key: key.slice(0, -1) })).json.code, "token_malformed");
  assert.equal((await list({ key: spoil(key, 20) })).json.code, "token_malformed");
  const revoked = site.ctl("key", "create", "--type", "partner", "--name", "R");
  site.ctl("key", "revoke", revoked.id);
  assert.equal((await list({ key: revoked.key })).json.code, "token_revoked");
  const other = await list({ key, headers: { authorization: `Bearer ${key}` } });
  assert.equal(other.json.code, "multiple_credentials");
});

test("T21: repeated, listed and aliased credential headers", async () => {
  const cases = [
    [{ "x-api-key": `${key}, ${key}` }, "multiple_credentials"],
    [{ authorization: `Bearer ${key}, Bearer ${key}` }, "multiple_credentials"],
  ];
  for (const [headers, code] of cases) assert.equal((await call(site.base + "/api/v1/embed-tokens", { headers })).json.code, code, JSON.stringify(headers));
  // Two headers, as they are: servers hand them on as two, as one with a comma, or refuse them.
  for (const pair of [["Basic dTpw", `Bearer ${token.token}`], [`Bearer ${token.token}`, "Basic dTpw"], [`Bearer ${token.token}`, `Bearer ${token.token}`], ["Basic dTpw", "Basic dTpw"]]) {
    const answer = await twoHeaders("/api/v1/embed/me", pair);
    assert.equal(answer.status, 400, `${pair.map((p) => p.split(" ")[0])}: ${answer.text}`);
    assert.ok(!answer.text.includes("Acme"));
    if (answer.type === "application/problem+json") assert.equal(JSON.parse(answer.text).code, "multiple_credentials");
  }
});

test("a partner that is suspended is told so, and comes back whole", async () => {
  const [partner] = site.ctl("partner", "list");
  site.ctl("partner", "suspend", partner.id);
  assert.equal((await exchange({ json: { embed_token: token.token } })).json.code, "partner_suspended");
  assert.equal((await call(site.base + "/api/v1/embed-tokens", { key })).json.code, "partner_suspended");
  site.ctl("partner", "resume", partner.id);
  assert.equal((await exchange({ json: { embed_token: token.token } })).status, 200);
});

test("E15 a revoked token stays revoked, and the answer says what to do instead", async () => {
  const gone = site.ctl("token", "create", "--customer", customer.id, "--name", "Gone");
  site.ctl("token", "revoke", gone.id);
  for (const [method, path, json] of [["PATCH", "", { is_active: true }], ["POST", "/rotate", {}]]) {
    const answer = await call(`${site.base}/api/v1/embed-tokens/${gone.id}${path}`, { method, key, json });
    assert.equal(answer.status, 409);
    assert.match(answer.json.detail, /cannot be restored: create a new one/);
  }
});

test("unknown paths and methods", async () => {
  assert.equal((await call(site.base + "/api/v1/nothing", { key })).json.code, "not_found");
  const answer = await call(site.base + "/api/v1/embed-tokens", { method: "PUT", key, json: {} });
  assert.equal(answer.status, 405);
  assert.match(answer.headers.get("allow"), /GET/);
  assert.match(answer.headers.get("allow"), /POST/);
});

test("the token's end: expires_at is the first dead second", async () => {
  const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000);
  const made = (await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: customer.id, name: "E", expires_at: soon.toISOString() } })).json.data;
  assert.equal((await exchange({ json: { embed_token: made.token } })).status, 200);
  await new Promise((r) => setTimeout(r, soon - Date.now() + 5));
  assert.equal((await exchange({ json: { embed_token: made.token } })).json.code, "token_expired");
  assert.equal((await call(`${site.base}/api/v1/embed-tokens/${made.id}`, { key })).json.data.status, "expired");
});

// Last: with a second partner, embedctl wants to know which.
test("an id that is not the caller's is not found, before a word about the body", async () => {
  const other = site.ctl("partner", "create", "--name", "Other", "--email", "other@partner.example").id;
  const theirs = site.ctl("--partner", other, "customer", "create", "--name", "Theirs");
  const theirToken = site.ctl("--partner", other, "token", "create", "--customer", theirs.id, "--name", "T");
  const theirKey = site.ctl("--partner", other, "key", "create", "--type", "partner", "--name", "K");
  for (const [method, path] of [
    ["POST", `/users/${theirs.id}/embed-token`], ["PATCH", `/customers/${theirs.id}`], ["POST", `/customers/${theirs.id}/revoke-tokens`], ["POST", `/customers/${theirs.id}/metrics`],
    ["PATCH", `/embed-tokens/${theirToken.id}`], ["POST", `/embed-tokens/${theirToken.id}/rotate`], ["PATCH", `/api-keys/${theirKey.id}`], ["POST", `/api-keys/${theirKey.id}/rotate`],
  ]) {
    for (const json of ["{", `{"z":1}`, "{}"]) {
      const answer = await call(site.base + "/api/v1" + path, { method, key, json });
      assert.equal(answer.json.code, "not_found", `${method} ${path} ${json}`);
    }
  }
});
