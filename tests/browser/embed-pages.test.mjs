// SPDX-License-Identifier: GPL-3.0-or-later
// Our own embed pages as a visitor meets them: reload, back, another secret, no script, a phone. A5, A12, A25, K16, T10.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, openPage, overflow } from "../lib/browser.mjs";
import { Site, call } from "../lib/site.mjs";

let site, browser, key, acme, token, gone;
const refused = [/401/];

before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  browser = await openBrowser();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  site.ctl("demo");
  acme = site.ctl("customer", "list")[0];
  const make = async (name) => {
    const { json: { data } } = await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: acme.id, name } });
    return { ...data, ...(await call(`${site.base}/api/v1/embed-tokens/${data.id}/url`, { key })).json.data };
  };
  token = await make("Good");
  gone = await make("Gone");
  await call(`${site.base}/api/v1/embed-tokens/${gone.id}`, { method: "DELETE", key });
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const shows = (page, text) => page.getByText(text).first().waitFor();
const secretFree = async (page, secret) => {
  assert.ok(!page.url().includes(secret.slice(4)), page.url());
  assert.ok(!(await page.content()).includes(secret.slice(4)));
  assert.ok(!(await page.evaluate(() => JSON.stringify([history.state, document.title, document.referrer, { ...sessionStorage }, { ...localStorage }, document.cookie]))).includes(secret.slice(4)));
};

test("T10: the secret leaves the address, and a reload or the way back shows the page with the session alone", async () => {
  const secret = token.url.split("#")[1];
  for (const address of [token.url, token.legacy_url]) {
    const page = await openPage(browser, { expected: refused });
    await page.goto(address);
    await shows(page, acme.name);
    assert.equal(page.url(), address.split(/[?#]/)[0]);
    await secretFree(page, secret);
    const asked = [];
    page.on("request", (r) => asked.push(r.url() + (r.postData() ?? "")));
    await page.reload();
    await shows(page, "Figures as a table");
    await page.goto("about:blank");
    await page.goBack();
    await shows(page, "Figures as a table");
    assert.ok(asked.length > 1 && asked.every((a) => !a.includes(secret.slice(4))), "the token was needed once");
    await secretFree(page, secret);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});

test("the session that is kept ends with its token", async () => {
  const { json: { data: mine } } = await call(site.base + "/api/v1/embed-tokens", { method: "POST", key, json: { customer_id: acme.id, name: "Mine" } });
  const { json: { data: { url } } } = await call(`${site.base}/api/v1/embed-tokens/${mine.id}/url`, { key });
  const page = await openPage(browser, { expected: [...refused, /embedgate/] });
  await page.goto(url);
  await shows(page, acme.name);
  await call(`${site.base}/api/v1/embed-tokens/${mine.id}`, { method: "DELETE", key });
  await page.reload();
  await shows(page, "session_revoked");
  assert.equal(await page.getByText(acme.name).count(), 0);
  await page.context().close();
});

test("A25: a refusal is in words for the visitor, with the code, and keeps no secret either", async () => {
  for (const [address, code] of [[gone.url, "token_revoked"], [gone.legacy_url, "token_revoked"], [token.url.split("#")[0], "missing_credentials"],
    [token.url.split("#")[0] + "#" + gone.url.split("#")[1], "token_revoked"], [token.url + "x", "token_malformed"]]) {
    const page = await openPage(browser, { expected: [...refused, /embedgate/] });
    await page.goto(address);
    await shows(page, code);
    await shows(page, "This content");
    await secretFree(page, gone.url.split("#")[1]);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});

test("a frame that gets another secret shows what that one opens", async () => {
  const page = await openPage(browser, { expected: [...refused, /embedgate/] });
  await page.goto(token.url);
  await shows(page, acme.name);
  await page.evaluate((hash) => { location.hash = hash; }, gone.url.split("#")[1]);
  await shows(page, "token_revoked");
  assert.ok(!page.url().includes("#"));
  await page.context().close();
});

test("A5: without script /dashboard.html is whole, and /e/ID says what it needs", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(token.legacy_url);
  for (const text of [acme.name, "Embed loads", "Figures as a table"]) assert.ok(await page.getByText(text).first().isVisible(), text);
  await page.goto(token.url);
  assert.ok(await page.locator("noscript p").isVisible());
  await context.close();
});

test("the widget is readable: light and dark, on a phone, by machines; everything it draws is in a table, too", async () => {
  for (const [width, colorScheme] of [[1280, "light"], [320, "dark"]]) {
    for (const address of [token.url, token.legacy_url, gone.url]) {
      const page = await openPage(browser, { viewport: { width, height: 700 }, colorScheme, expected: [...refused, /embedgate/] });
      await page.goto(address);
      await shows(page, address === gone.url ? "token_revoked" : acme.name);
      assert.deepEqual(await axe(page), [], `${width} ${colorScheme} ${address}`);
      assert.equal(await overflow(page), 0, `${width} ${address}`);
      for (const summary of await page.locator("summary").all()) await summary.click();
      assert.equal(await overflow(page), 0, `${width} with the tables open`);
      assert.equal(await page.locator("table").count(), await page.locator(".chart-bars").count());
      await page.context().close();
    }
  }
});
