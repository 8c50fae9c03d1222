// SPDX-License-Identifier: GPL-3.0-or-later
// What nobody sends by accident: refused with a clear answer, and the process lives. T10, T15, T18, T20, T31, T34, T35.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key, customer, token, pids;
const programs = ["api", "embed", "portal"];
const workers = () => programs.flatMap((p) => site.pids(p)).sort();

before(async () => {
  site = await Site.start();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  customer = site.ctl("customer", "create", "--name", "Acme");
  token = site.ctl("token", "create", "--customer", customer.id, "--name", "T");
  for (let tries = 0; tries < 100 && workers().length < 6; tries++) await new Promise((r) => setTimeout(r, 20));
  pids = workers();
});
after(() => site?.stop());

// A request written by hand; resolves with everything the server sent until it closed.
function raw(bytes, waitMs = 5000) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(site.port, "127.0.0.1", () => socket.end(bytes));
    const parts = [];
    socket.setTimeout(waitMs, () => socket.destroy());
    socket.on("data", (d) => parts.push(d));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(parts).toString("latin1")));
  });
}

test("strict JSON: what lenient parsers let through is refused before anything is done", async () => {
  const post = (body) => call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: body });
  const before = (await call(site.base + "/api/v1/embed-tokens", { key })).json.pagination.total;
  const id = customer.id;
  const bodies = {
    "an escaped NUL": `{"customer_id":"${id}","name":"a\\u0000b"}`,
    "a raw NUL": `{"customer_id":"${id}","name":"a\0b"}`,
    "a NUL in a name": `{"customer_id":"${id}","na\\u0000me":"x","name":"x"}`,
    "a duplicate name": `{"customer_id":"${id}","name":"x","name":"y"}`,
    "a duplicate name, escaped": `{"customer_id":"${id}","name":"x","n\\u0061me":"y"}`,
    "NaN": `{"customer_id":"${id}","name":NaN}`,
    "Infinity": `{"customer_id":"${id}","name":-Infinity}`,
    "single quotes": `{'customer_id':'${id}','name':'x'}`,
    "a comment": `{"customer_id":"${id}",/* x */"name":"x"}`,
    "trailing text": `{"customer_id":"${id}","name":"x"} x`,
    "a trailing comma": `{"customer_id":"${id}","name":"x",}`,
    "a raw newline in a string": `{"customer_id":"${id}","name":"a\nb"}`,
    "a lone surrogate": `{"customer_id":"${id}","name":"\\ud800"}`,
    "deep nesting": `{"name":${"[".repeat(100)}${"]".repeat(100)}}`,
    "an integer beyond 64 bits": `{"customer_id":"${id}","name":99999999999999999999}`,
    "an array": `[]`,
  };
  for (const [name, body] of Object.entries(bodies)) {
    const answer = await post(body);
    assert.equal(answer.status, 400, `${name}: ${answer.text}`);
    assert.equal(answer.json.code, "invalid_json", name);
    assert.ok(answer.json.detail.length > 10, name);
  }
  const latin1 = await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, headers: { "content-type": "application/json" }, body: Buffer.from(`{"customer_id":"${id}","name":"\xe9"}`, "latin1") });
  assert.equal(latin1.json.code, "invalid_json");
  assert.equal((await call(site.base + "/api/v1/embed-tokens", { key })).json.pagination.total, before);
});

test("size: 64 KiB is read, one byte more is 413, a megabyte too; a 16 KB header is refused", async () => {
  const post = (length) => {
    const frame = JSON.stringify({ customer_id: customer.id, name: "x", pad: "" });
    return call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: JSON.stringify({ customer_id: customer.id, name: "x", pad: "p".repeat(length - frame.length) }) });
  };
  assert.equal((await post(65536)).json.code, "validation_failed", "read whole: only the unknown name is wrong");
  for (const length of [65537, 1 << 20]) {
    const answer = await post(length);
    assert.equal(answer.status, 413, String(length));
    assert.equal(answer.json.code, "body_too_large");
  }
  const header = await raw(`GET /api/v1/embed-tokens HTTP/1.1\r\nHost: x\r\nX-API-Key: ${"k".repeat(16384)}\r\nConnection: close\r\n\r\n`);
  assert.match(header, /^HTTP\/1\.[01] (400|401|431) /);
});

test("T18: no byte of a request breaks out of a header", async () => {
  for (const path of ["/portal/login?next=%0d%0aSet-Cookie:%20x=1", "/dashboard.html?token=%0d%0aX-Evil:%201", "/e/%0d%0aX-Evil:%201", "/embed.js?%0d%0aX-Evil:%201"]) {
    const text = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nOrigin: https://x.example%0d%0aX-Evil: 1\r\nConnection: close\r\n\r\n`);
    const head = text.split("\r\n\r\n")[0];
    assert.ok(!/^X-Evil/im.test(head) && !/^Set-Cookie: x=1/im.test(head), path);
  }
});

test("T8: paths that are no path", async () => {
  for (const path of ["/api/v1/../v1/embed-tokens", "/api//v1/embed-tokens", "/api/v1/embed-tokens/%00", "/api/v1/embed-tokens/", "/e/", "/e/..%2f..", "/api/v1/%65mbed-tokens/%2e%2e", "/portal/../../etc/passwd", "/static/../src/base/err.h", "/:id"]) {
    const text = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nConnection: close\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.[01] (30[1-8]|40[0-9]|200) /, path);
    if (/^HTTP\/1\.[01] 200/.test(text)) assert.ok(path.includes("embed-tokens") && text.includes("pagination"), `${path} was normalised by the server to an honest path: ${text.slice(0, 80)}`);
  }
});

test("T31: half-sent requests hold up nobody", async () => {
  const slow = Array.from({ length: 16 }, () => net.connect(site.port, "127.0.0.1"));
  for (const socket of slow) {
    socket.on("error", () => {});
    socket.write(`POST /api/validate-embed-token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
  }
  await new Promise((r) => setTimeout(r, 100));
  const started = Date.now();
  if (site.kind === "lighttpd") assert.equal((await call(site.base + "/readyz")).status, 200);
  for (const socket of slow) socket.destroy();
  assert.ok(Date.now() - started < 5000);
  assert.equal((await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token.token } })).status, 200);
});

test("every answer, good or bad, carries its headers; T15: portal and API are framed by nobody", async () => {
  for (const path of ["/api/v1/embed-tokens", "/api/nothing", "/healthz", "/readyz", "/portal/login", "/portal/customers", "/portal/nothing", "/nothing", "/"]) {
    const answer = await call(site.base + path);
    assert.match(answer.headers.get("x-request-id"), /^[0-9a-f-]{36}$/, path);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(answer.headers.get("cache-control"), "no-store", path);
    assert.match(answer.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/, path);
  }
});

test("T32: static files are cached, errors are not; answers of the programs are one piece", async () => {
  const good = await call(site.base + "/static/portal.css");
  assert.equal(good.status, 200);
  assert.match(good.headers.get("cache-control"), /max-age=3600/);
  for (const path of ["/static/nope.css", "/static/"]) {
    const bad = await call(site.base + path);
    assert.ok(bad.status >= 403, path);
    assert.doesNotMatch(bad.headers.get("cache-control") ?? "", /max-age/, path);
    assert.equal(bad.headers.get("x-content-type-options"), "nosniff", path);
  }
  assert.equal((await call(site.base + "/readyz", { headers: { range: "bytes=0-3" } })).status, 200);
});

test("HTTPS only: a forwarded plain request is not local", async () => {
  const answer = await call(site.base + "/api/v1/embed-tokens", { key, headers: { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http" } });
  assert.equal(answer.status, 403);
  assert.equal(answer.json.code, "https_required");
});

test("all of this killed no worker", () => {
  assert.deepEqual(workers(), pids);
});

test("T10 T35: no credential in any log", async () => {
  const { json: { auth_token: session } } = await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token.token }, headers: { referer: `https://acme.example/?token=${token.token}` } });
  const url = (await call(`${site.base}/api/v1/embed-tokens/${token.id}/url`, { key })).json.data;
  const urlToken = url.url.split("#")[1];
  await call(`${site.base}/dashboard.html?token=${token.token}`);
  await call(url.legacy_url);
  await call(`${site.base}/dashboard.html?token=${token.token.slice(0, 50)}zz`);
  await call(site.base + "/api/v1/embed/me", { bearer: session });
  await site.halt();    // lighttpd writes its log when it has enough of it, or ends
  const logs = ["access.log", "server.log", "programs.log"].map((n) => site.log(n)).join("");
  assert.ok(logs.includes("/dashboard.html"), "the log is written");
  for (const [name, secret] of Object.entries({ token: token.token, "cut token": token.token.slice(0, 50), urlToken, key, session, password: site.owner.password })) {
    assert.ok(!logs.includes(secret), `${name} is in a log`);
  }
});
