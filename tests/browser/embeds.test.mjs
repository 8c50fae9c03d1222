// SPDX-License-Identifier: GPL-3.0-or-later
// Embeds on a customer's own website, in a real browser on two origins: A5, A11-A16, A25-A27, K14, K16, K29, E3, E18, T10, T11.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, openPage } from "../lib/browser.mjs";
import { Site, call } from "../lib/site.mjs";

let site, browser, key, acme, globex;
const dashboard = /loads/i;
// A host page: no favicon to ask for, nothing but what the test puts there.
const host = (name, body, head = "") => site.page(name, `<!DOCTYPE html><html lang="en"><head><title>Host</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`);
const refusals = [/401|403/, /Refused to (frame|display)/i, /frame-ancestors/i, /ERR_BLOCKED_BY_RESPONSE/];

before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  browser = await openBrowser();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  acme = site.ctl("customer", "create", "--name", "Acme");
  globex = site.ctl("customer", "create", "--name", "Globex");
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const make = async (customer, fields = {}) => (await call(site.base + "/api/v1/embed-tokens", {
  method: "POST", key, json: { customer_id: customer.id, name: "T", allowed_origins: [site.customerSite], ...fields },
})).json.data;
const look = async (id) => (await call(`${site.base}/api/v1/embed-tokens/${id}`, { key })).json.data;
const urlOf = async (id) => (await call(`${site.base}/api/v1/embed-tokens/${id}/url`, { key })).json.data;
// Everything the frame shows, shadow roots too.
const frameText = (page) => page.frameLocator("iframe").locator("body").evaluate((body) => {
  const text = (node) => [...node.childNodes].map((n) => (n.shadowRoot ? text(n.shadowRoot) : n.nodeType === 3 ? n.data : text(n))).join(" ");
  return text(body);
}, undefined, { timeout: 2000 }).catch(() => "");
const shadowText = (page, selector) => page.locator(selector).evaluate((e) => (e.shadowRoot ? [...e.shadowRoot.children].map((c) => c.textContent).join(" ") : e.textContent));

test("K23 A12: the copied URL shows the dashboard in an iframe, with no script on the host, under a strict CSP", async () => {
  const { id } = await make(acme);
  const { url, legacy_url: legacy } = await urlOf(id);
  for (const src of [url, legacy]) {
    host("frame.html", `<iframe src="${src}" title="Acme" width="800" height="600"></iframe>`, `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; frame-src ${site.base}; img-src data:">`);
    const page = await openPage(browser);
    await page.goto(site.customerSite + "/frame.html");
    await page.frameLocator("iframe").getByText("Acme").first().waitFor();
    const text = await frameText(page);
    assert.match(text, dashboard);
    const address = await page.frames()[1].evaluate(() => location.href);
    assert.ok(!address.includes("emu_"), `T10: the secret left the address: ${address}`);
    const { last_used_origin: seen, usage_count: used } = await look(id);
    assert.equal(seen, site.customerSite, src + " K21: the site around the frame is what was seen");
    assert.equal(used, src === url ? 1 : 2);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});

test("T11: a site that is not listed cannot frame it", async () => {
  const { id } = await make(acme);
  const { url, legacy_url: legacy } = await urlOf(id);
  for (const src of [url, legacy]) {
    host("frame.html", `<iframe src="${src}" title="Acme" width="800" height="600"></iframe>`);
    const page = await openPage(browser, { expected: refusals });
    await page.goto(site.otherSite + "/frame.html");
    await page.waitForTimeout(800);
    assert.doesNotMatch(await frameText(page), /Acme|loads/);
    await page.context().close();
  }
  const { usage_count: used, last_refused: refused } = await look(id);
  assert.equal(used, 0, "what no browser showed is no use");
  assert.equal(refused.code, "origin_not_allowed");
  assert.equal(refused.origin, site.otherSite);
});

test("A13-A15 E18 K29: script and web component show their own customer's data, two tokens on one page", async () => {
  const [a, g] = [await make(acme), await make(globex)];
  host("script.html", `<div id="answering-agent" data-token="${a.token}"></div><script src="${site.base}/embed.js"></script>
    <script src="${site.base}/embed/v1/loader.js" async></script><acme-dashboard token="${g.token}"></acme-dashboard>`);
  const page = await openPage(browser);
  await page.addInitScript(() => {
    window.seen = [];
    for (const name of ["ready", "error"]) document.addEventListener("embedgate:" + name, (e) => window.seen.push([name, e.target.localName, e.detail?.code ?? null]));
  });
  await page.goto(site.customerSite + "/script.html");
  await page.waitForFunction(() => window.seen.length >= 2);
  assert.deepEqual((await page.evaluate(() => window.seen)).map((s) => s.slice(0, 2)).sort(), [["ready", "acme-dashboard"], ["ready", "div"]]);
  const first = await shadowText(page, "#answering-agent"), second = await shadowText(page, "acme-dashboard");
  assert.match(first, /Acme/);
  assert.doesNotMatch(first, /Globex/);
  assert.match(second, /Globex/);
  assert.doesNotMatch(second, /Acme/);
  assert.equal(await page.locator("#answering-agent").getAttribute("data-token"), null, "the token left the attribute");
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("A16: data-api-url says where the API is", async () => {
  const { token } = await make(acme);
  host("api-url.html", `<div id="answering-agent" data-token="${token}" data-api-url="${site.base}"></div><script src="${site.base}/embed.js"></script>`);
  const page = await openPage(browser);
  await page.goto(site.customerSite + "/api-url.html");
  await page.waitForFunction(() => document.querySelector("#answering-agent").shadowRoot?.textContent.includes("Acme"));
  await page.context().close();
});

test("E3 A26 A27: refusals show the fallback, dispatch an event and warn with the code", async () => {
  const revoked = await make(acme);
  await call(`${site.base}/api/v1/embed-tokens/${revoked.id}`, { method: "DELETE", key });
  const good = await make(acme);
  const cases = [
    [site.customerSite, revoked.token, "token_revoked"],
    [site.otherSite, good.token, "origin_not_allowed"],
    [site.customerSite, good.token.slice(0, -1), "token_malformed"],
    [site.customerSite, good.token + " x", "token_malformed"],
    [site.customerSite, key, "wrong_token_type"],
  ];
  for (const [origin, token, code] of cases) {
    host("refused.html", `<div id="answering-agent" data-token="${token}">Call us: 555</div><script src="${site.base}/embed.js"></script>`);
    const page = await openPage(browser, { expected: [...refusals, /embedgate/] });
    const warnings = [];
    page.on("console", (m) => warnings.push(m.text()));
    await page.addInitScript(() => document.addEventListener("embedgate:error", (e) => { window.code = e.detail.code; }));
    await page.goto(origin + "/refused.html");
    await page.waitForFunction(() => window.code);
    assert.equal(await page.evaluate(() => window.code), code);
    assert.ok(warnings.some((w) => w.includes(code)), `${code} on the console: ${warnings}`);
    assert.ok(await page.getByText("Call us: 555").isVisible(), "the element's own content is shown");
    await page.context().close();
  }
  host("missing.html", `<div id="answering-agent">Call us: 555</div><script src="${site.base}/embed.js"></script>`);
  const page = await openPage(browser, { expected: [/embedgate/] });
  const warned = page.waitForEvent("console", (m) => /embedgate/.test(m.text()) && /token/.test(m.text()));
  await page.goto(site.customerSite + "/missing.html");
  await warned;
  await page.context().close();
});

test("Shows 1: after a revocation both embeds refuse on the next load and say why", async () => {
  const made = await make(acme);
  const { url } = await urlOf(made.id);
  host("both.html", `<iframe src="${url}" title="Acme" width="800" height="600"></iframe><div id="answering-agent" data-token="${made.token}">Fallback</div><script src="${site.base}/embed.js"></script>`);
  const page = await openPage(browser, { expected: [...refusals, /embedgate/] });
  await page.addInitScript(() => document.addEventListener("embedgate:error", (e) => { window.code = e.detail.code; }));
  await page.goto(site.customerSite + "/both.html");
  await page.frameLocator("iframe").getByText("Acme").first().waitFor();
  await page.waitForFunction(() => document.querySelector("#answering-agent").shadowRoot?.textContent.includes("Acme"));
  await call(`${site.base}/api/v1/embed-tokens/${made.id}`, { method: "DELETE", key });
  await page.reload();
  await page.waitForFunction(() => window.code);
  assert.equal(await page.evaluate(() => window.code), "token_revoked");
  await page.frameLocator("iframe").getByText("token_revoked").waitFor();
  assert.doesNotMatch(await frameText(page), /Acme/);
  await page.context().close();
});

test("another token's secret does not open this token's page", async () => {
  const [mine, other] = [await make(acme), await make(globex, { allowed_origins: ["https://elsewhere.example"] })];
  const secret = (await urlOf(other.id)).url.split("#")[1];
  host("swap.html", `<iframe src="${site.base}/e/${mine.id}#${secret}" title="Acme" width="800" height="600"></iframe>`);
  const page = await openPage(browser, { expected: [...refusals, /embedgate/] });
  await page.goto(site.customerSite + "/swap.html");
  await page.frameLocator("iframe").getByText("subject_mismatch").waitFor();
  assert.doesNotMatch(await frameText(page), /Globex/);
  await page.context().close();
});
