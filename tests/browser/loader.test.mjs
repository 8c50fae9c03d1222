// SPDX-License-Identifier: GPL-3.0-or-later
// The loader against a server that answers what the test wants: what pages do to it, and what it does when things go wrong.
// A13, A14, A16, A26, A27, E17, E18, T10, T16.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { openBrowser, openPage } from "../lib/browser.mjs";

const build = path.resolve(process.env.BUILD ?? "build");
const noise = [/embedgate/, /Failed to load resource/, /ERR_/, /Trusted Type/i, /Content Security Policy/i];
let browser, server, base, host, answers;

// The API and the pages of a site; `localhost` is the site, `127.0.0.1` the API.
function serve(request, response) {
  const url = new URL(request.url, base);
  const send = (status, type, body, headers) => response.writeHead(status, {
    "content-type": type, "access-control-allow-origin": "*", "access-control-allow-headers": "authorization, content-type", ...headers,
  }).end(body);
  if (request.method === "OPTIONS") return send(204, "text/plain", "");
  if (/\/(embed|loader)\.js$/.test(url.pathname)) return send(200, "text/javascript", fs.readFileSync(path.join(build, "gen/static/loader.js")));
  if (url.pathname === "/page") return send(200, "text/html", `<!DOCTYPE html><title>Site</title>${answers.page}`, answers.headers);
  if (answers.silent) return request.socket.destroy();
  if (url.pathname === "/api/validate-embed-token") {
    let body = "";
    request.on("data", (d) => { body += d; });
    request.on("end", () => {
      const asked = JSON.parse(body);
      answers.exchanges.push(asked);
      const code = answers.refuse?.(asked);
      if (code) return send(401, "application/problem+json", JSON.stringify({ code }));
      send(200, "application/json", JSON.stringify({ success: true, auth_token: `S${answers.exchanges.length} ${asked.embed_token}`, expires_in: answers.ttl ?? 900 }));
    });
    return;
  }
  if (!url.pathname.startsWith("/embed/v1/widgets/")) return send(404, "text/plain", "");
  answers.widgets.push([url.pathname.split("/").pop(), request.headers.authorization, request.headers.referer]);
  const code = answers.refuseWidget?.(answers.widgets.length);
  if (code) return send(401, "application/problem+json", JSON.stringify({ code }));
  send(200, "text/html", answers.html ?? `<template>p { color: rgb(1, 2, 3) }</template><section><p class="x">Hello ${request.headers.authorization.split(" ")[2]}</p></section>`);
}

before(async () => {
  server = http.createServer(serve);
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  base = `http://127.0.0.1:${server.address().port}`;
  host = `http://localhost:${server.address().port}`;
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});
beforeEach(() => { answers = { exchanges: [], widgets: [] }; });

async function visit(html, { headers, expected = noise } = {}) {
  Object.assign(answers, { page: html, headers });
  const page = await openPage(browser, { expected });
  page.warnings = [];
  page.on("console", (m) => page.warnings.push(m.text()));
  await page.addInitScript(() => {
    window.seen = [];
    for (const name of ["ready", "error", "expired", "resize"]) {
      document.addEventListener("embedgate:" + name, (e) => window.seen.push([name, e.target.id || e.target.localName, e.detail.code ?? e.detail.height ?? ""]));
    }
  });
  await page.goto(host + "/page");
  return page;
}
const events = (page, name, count = 1) => page.waitForFunction(([n, c]) => window.seen.filter((s) => s[0] === n).length >= c, [name, count])
  .then(() => page.evaluate((n) => window.seen.filter((s) => s[0] === n), name));
const shown = (page, selector) => page.locator(selector).evaluate((e) => e.shadowRoot.textContent);
const loader = () => `<script src="${base}/embed.js"></script>`;

test("one exchange for all embeds of a token; another token is another session; the token leaves the page", async () => {
  const page = await visit(`<div id="a" data-token="emb_one"></div><div id="b" data-token="emb_one"></div><acme-dashboard id="c" token="emb_two"></acme-dashboard>${loader()}`);
  await events(page, "ready", 3);
  assert.deepEqual(answers.exchanges.map((e) => e.embed_token).sort(), ["emb_one", "emb_two"]);
  assert.equal(await shown(page, "#a"), "Hello emb_one");
  assert.equal(await shown(page, "#c"), "Hello emb_two");
  assert.ok(!(await page.content()).includes("emb_"));
  assert.ok(answers.widgets.every(([, , referer]) => referer === undefined), "T10: no Referer");
  assert.equal(await page.locator("#a").evaluate((e) => getComputedStyle(e.shadowRoot.querySelector("p")).color), "rgb(1, 2, 3)");
  assert.equal(await page.evaluate(() => Boolean(customElements.get("acme-dashboard"))), true);
  const [[, , height]] = await events(page, "resize");
  assert.ok(height > 0);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("any order: script first, loaded twice, calls queued before it, elements and tokens that come late", async () => {
  const page = await visit(`<script>window.embedgate = window.embedgate || function () { (embedgate.q = embedgate.q || []).push(arguments); };
    addEventListener("load", () => {
      const late = document.createElement("div"); late.id = "late"; late.dataset.token = "emb_late"; document.body.append(late);
      document.querySelector("#empty").dataset.token = "emb_empty";
    });</script><div id="queued"></div><div id="empty"></div>
    <script>embedgate("mount", document.querySelector("#queued"), { token: "emb_queued", widget: "agent" });</script>
    <script src="${base}/embed/v1/loader.js" async></script><script src="${base}/embed.js" async></script>`);
  await events(page, "ready", 3);
  assert.deepEqual(answers.exchanges.map((e) => e.embed_token).sort(), ["emb_empty", "emb_late", "emb_queued"]);
  assert.ok(answers.widgets.some(([name]) => name === "agent"));
  await page.context().close();
});

test("a widget that is moved stays; one that is destroyed gives its element back and can be mounted again", async () => {
  const page = await visit(`<div id="a" data-token="emb_a"><p>Own content</p></div><main></main>${loader()}`);
  await events(page, "ready");
  await page.evaluate(() => document.querySelector("main").append(document.querySelector("#a")));
  assert.equal(await shown(page, "#a"), "Hello emb_a");
  await page.evaluate(() => window.embedgate.destroy(document.querySelector("#a")));
  assert.ok(await page.getByText("Own content").isVisible());
  await page.evaluate(() => window.embedgate.mount(document.querySelector("#a"), { tokenProvider: async () => "emb_fresh" }));
  await events(page, "ready", 2);
  assert.equal(await shown(page, "#a"), "Hello emb_fresh");
  await page.context().close();
});

test("what the element names goes into the exchange", async () => {
  const id = "01990000-0000-7000-8000-000000000000";
  const page = await visit(`<acme-schedule event-id="${id}" token="emb_a"></acme-schedule><div data-widget="agent" data-agent-id="7" data-token="emb_b"></div>${loader()}`);
  await events(page, "ready", 2);
  assert.deepEqual(answers.exchanges, [{ embed_token: "emb_a", event_id: id }, { embed_token: "emb_b", agent_id: 7 }]);
  assert.deepEqual(answers.widgets.map(([name]) => name).sort(), ["agent", "schedule"]);
  await page.context().close();
});

test("A26 A27: a refusal is told once, in an event, on the console and to the visitor; nothing is asked with what is no token", async () => {
  answers.refuse = ({ embed_token: t }) => (t === "emb_gone" ? "token_revoked" : "wrong_token_type");
  const page = await visit(`<div id="gone" data-token="emb_gone"></div><div id="key" data-token="egp_key">Ours</div><div id="odd" data-token="hello"></div>
    <div id="empty" data-token=""></div><div id="embedgate">No token</div><input id="field" data-token="emb_x">${loader()}`);
  const seen = await events(page, "error", 6);
  assert.deepEqual(seen.map((s) => s.slice(1)).sort(), [["embedgate", "missing_credentials"], ["empty", "missing_credentials"], ["field", "blocked_by_page"],
    ["gone", "token_revoked"], ["key", "wrong_token_type"], ["odd", "token_malformed"]]);
  for (const [, , code] of seen) assert.ok(page.warnings.some((w) => w.includes(code)), `${code} on the console`);
  assert.deepEqual(answers.exchanges.map((e) => e.embed_token).sort(), ["egp_key", "emb_gone"]);
  assert.match(await shown(page, "#gone"), /no longer available.*token_revoked/);
  assert.ok(await page.getByText("Ours").isVisible());
  assert.ok(await page.getByText("No token").isVisible());
  assert.equal(await page.locator("[aria-busy]").count(), 0);
  await page.context().close();
});

test("T16: of the server's markup only what a widget is made of gets in", async () => {
  answers.html = `<script>window.hacked = 1</script><img src=x onerror="window.hacked = 2"><p onclick="window.hacked = 3" style="color:red">Text</p>
    <a id="bad" href="javascript:window.hacked = 4">bad</a><a id="good" href="https://example.com/">good</a><iframe srcdoc="<script>parent.hacked = 5</script>"></iframe>
    <svg><script>window.hacked = 6</script><animate onbegin="window.hacked = 7"/><foreignObject><img src=x onerror="window.hacked = 8"></foreignObject><use href="data:x"/><path d="M0 0H9"/></svg>
    <math><mtext><img src=x onerror="window.hacked = 9"></mtext></math><form action="https://evil.example"><input></form><object data="x"></object><base href="//evil.example"><meta http-equiv="refresh" content="0;url=//evil.example">
    <template><img src=x onerror="window.hacked = 10"></template><noscript><img src=x onerror="window.hacked = 11"></noscript><link rel="stylesheet" href="//evil.example/x.css">`;
  const page = await visit(`<div id="a" data-token="emb_a"></div>${loader()}`);
  await events(page, "ready");
  await page.waitForTimeout(100);
  const { names, attributes } = await page.locator("#a").evaluate((e) => {
    const all = [...e.shadowRoot.querySelectorAll("*")];
    return { names: [...new Set(all.map((x) => x.localName))].sort(), attributes: [...new Set(all.flatMap((x) => x.getAttributeNames()))].sort() };
  });
  assert.deepEqual(names, ["a", "p", "path", "svg"]);
  assert.deepEqual(attributes, ["d", "href", "id"]);
  assert.equal(await page.locator("#a").evaluate((e) => e.shadowRoot.querySelector("#bad").hasAttribute("href")), false);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("A12: a strict policy of the host is no obstacle; one that forbids it is told", async () => {
  const strict = `default-src 'none'; script-src ${base}; connect-src ${base}; require-trusted-types-for 'script'; trusted-types embedgate`;
  const page = await visit(`<div id="a" data-token="emb_a"></div>${loader()}`, { headers: { "content-security-policy": strict }, expected: [/404/] });
  await events(page, "ready");
  assert.deepEqual(page.trouble, []);
  await page.context().close();
  const stricter = await visit(`<div id="a" data-token="emb_a">Own</div>${loader()}`, { headers: { "content-security-policy": strict.replace(/trusted-types embedgate/, "trusted-types 'none'") } });
  assert.deepEqual(await events(stricter, "error"), [["error", "a", "blocked_by_page"]]);
  assert.ok(await stricter.getByText("Own").isVisible());
  await stricter.context().close();
});

test("a session that ended meanwhile is replaced once; a server that does not answer is asked again", async () => {
  answers.refuseWidget = (count) => (count === 1 ? "session_expired" : undefined);
  const page = await visit(`<div id="a" data-token="emb_a"></div>${loader()}`);
  await events(page, "ready");
  assert.deepEqual(answers.widgets.map(([, session]) => session), ["Bearer S1 emb_a", "Bearer S2 emb_a"]);
  await page.context().close();

  answers = { exchanges: [], widgets: [], silent: true };
  setTimeout(() => { answers.silent = false; }, 600);
  const slow = await visit(`<div id="a" data-token="emb_a"></div>${loader()}`);
  await events(slow, "ready");
  assert.equal((await slow.evaluate(() => window.seen.filter((s) => s[0] === "error"))).length, 0);
  await slow.context().close();
});

test("the session is renewed before it ends, once for all; a token revoked meanwhile takes the widget away", async () => {
  answers.ttl = 61;
  const page = await openPage(browser, { expected: noise });
  await page.clock.install();
  await page.addInitScript(() => {
    window.seen = [];
    for (const name of ["ready", "expired"]) document.addEventListener("embedgate:" + name, (e) => window.seen.push([name, e.target.id, e.detail.code ?? ""]));
  });
  answers.page = `<div id="a" data-token="emb_a"></div><div id="b" data-token="emb_a"></div>${loader()}`;
  await page.goto(host + "/page");
  await events(page, "ready", 2);
  await page.evaluate(() => { window.before = document.querySelector("#a").shadowRoot.querySelector("p"); });
  await page.clock.runFor(11_000);
  while (answers.exchanges.length < 2) await new Promise((r) => setTimeout(r, 20));
  assert.equal(answers.exchanges.length, 2);
  assert.ok(await page.evaluate(() => window.before === document.querySelector("#a").shadowRoot.querySelector("p")), "what is shown stays");
  answers.refuse = () => "token_revoked";
  await page.clock.runFor(11_000);
  assert.deepEqual((await events(page, "expired", 2)).sort(), [["expired", "a", "token_revoked"], ["expired", "b", "token_revoked"]]);
  assert.match(await shown(page, "#b"), /no longer available/);
  await page.context().close();
});

test("offline: told after some seconds, and made good when the network is back", async () => {
  const page = await openPage(browser, { expected: noise });
  await page.addInitScript(() => {
    window.seen = [];
    for (const name of ["ready", "error"]) document.addEventListener("embedgate:" + name, (e) => window.seen.push([name, e.target.id, e.detail.code ?? ""]));
  });
  await page.clock.install();
  answers.page = `<div id="a" data-token="emb_a"></div>${loader()}`;
  answers.silent = true;
  await page.goto(host + "/page");
  for (let i = 0; i < 40 && !(await page.evaluate(() => window.seen.length)); i++) {
    await page.clock.runFor(500);
    await new Promise((r) => setTimeout(r, 10));
  }
  assert.deepEqual(await events(page, "error"), [["error", "a", "network_error"]]);
  answers.silent = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await events(page, "ready");
  assert.equal(await shown(page, "#a"), "Hello emb_a");
  await page.context().close();
});
