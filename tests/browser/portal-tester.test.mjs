// SPDX-License-Identifier: GPL-3.0-or-later
// Why does an embed not show? Each cause is found on the screen, one click from the Embed URLs tab, with and without scripts:
// K18, K32-K34, T7, T35.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, openPage, overflow, signIn } from "../lib/browser.mjs";
import { Site } from "../lib/site.mjs";

let site, browser, customer, other, key;
const tab = (c) => `${site.base}/portal/customers/${c.id}/embed-urls`;
const make = (c, name, ...more) => site.ctl("token", "create", "--customer", c.id, "--name", name, ...more);

before(async () => {
  site = await Site.start();
  customer = site.ctl("customer", "create", "--name", "Acme");
  other = site.ctl("customer", "create", "--name", "Globex");
  key = site.ctl("key", "create", "--type", "partner", "--name", "Server").key;
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function tryOut(page, pasted, where = "", shows) {
  await page.goto(tab(customer));
  await page.getByRole("link", { name: "Test a token" }).click();
  await page.getByLabel("Token, embed URL or code").fill(pasted);
  await page.getByLabel(/Site that should show it/).fill(where);
  if (shows) await page.getByLabel("It should show").selectOption({ label: shows });
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await page.locator("#result").waitFor();
}

const result = (page) => page.locator(".test-result").innerText();
const failed = (page) => page.locator(".checks li").filter({ has: page.getByText("No", { exact: true }) }).innerText();
const cause = (page) => page.locator(".test-cause").innerText();
const answer = (page) => page.locator(".test-result pre").innerText();

for (const javaScriptEnabled of [true, false]) {
  test(`K32-K34 ${javaScriptEnabled ? "with" : "without"} scripts: every cause is told apart, with what mends it`, async () => {
    const page = await openPage(browser, { javaScriptEnabled });
    const api = (path, json, method = "PATCH") => fetch(site.base + "/api/v1" + path, { method, headers: { "x-api-key": key, "content-type": "application/json" }, body: JSON.stringify(json) });
    await signIn(page, site);
    const good = make(customer, "Website", "--origin", "https://acme.example");

    await tryOut(page, good.token, "acme.example");
    assert.match(await result(page), /This token works[\s\S]*Website[\s\S]*Acme/);
    assert.match(await answer(page), /^HTTP\/1\.1 200 OK/);
    assert.match(await answer(page), /Access-Control-Allow-Origin: https:\/\/acme\.example/);
    assert.equal(await page.locator(".checks li").filter({ hasText: "Yes" }).count(), await page.locator(".checks li").count());

    await tryOut(page, good.token, "https://shop.acme.example");
    assert.match(await failed(page), /may be used on this site/);
    assert.match(await answer(page), /403 Forbidden[\s\S]*origin_not_allowed/);
    await page.getByRole("link", { name: "Allow this site" }).click();
    assert.match(await page.getByLabel(/Allowed sites, one per line/).inputValue(), /https:\/\/shop\.acme\.example/);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("status").filter({ hasText: "Saved" }).waitFor();
    await tryOut(page, good.token, "https://shop.acme.example");
    assert.match(await result(page), /This token works/);

    await tryOut(page, good.token.slice(0, 12) + (good.token[12] === "A" ? "B" : "A") + good.token.slice(13));
    assert.match(await failed(page), /copied without a mistake/);
    assert.match(await result(page), /token_malformed[\s\S]*Not reached/);
    await tryOut(page, good.token.slice(0, 40));
    assert.match(await failed(page), /has the form of a token/);
    await tryOut(page, key);
    assert.match(await cause(page), /This is a partner API key\. Never put it in a page/);
    assert.ok(await page.getByRole("link", { name: "Open the key Server" }).isVisible());
    assert.equal(await page.getByLabel("Token, embed URL or code").inputValue(), "", "a key is not put back into the page");
    assert.ok(!(await page.content()).includes(key));

    const theirs = make(other, "Theirs");
    await tryOut(page, theirs.token);
    assert.match(await cause(page), /belongs to Globex, not to Acme/);
    assert.ok(await page.getByRole("link", { name: "Open Globex" }).isVisible());

    const revoked = make(customer, "Revoked one");
    site.ctl("token", "revoke", revoked.id);
    await tryOut(page, `<div id="answering-agent" data-token="${revoked.token}"></div>`);
    assert.match(await failed(page), /is not revoked/);
    assert.ok(await page.getByRole("link", { name: "Create a new token" }).isVisible());

    const expired = make(customer, "Short", "--expires", new Date(Date.now() + 1500).toISOString());
    const paused = make(customer, "Paused one");
    await api(`/embed-tokens/${paused.id}`, { isActive: false });
    await tryOut(page, paused.token);
    assert.match(await failed(page), /is not paused/);
    await new Promise((r) => setTimeout(r, 1500));
    await tryOut(page, expired.token);
    assert.match(await failed(page), /has not expired/);

    for (const [patch, check, link] of [[{ features: { analytics: false } }, /with the feature/, "Open Features"], [{ features: { embed: false } }, /with the feature/, "Open Features"],
      [{ portal_access: false }, /portal access/, "Open Overview"], [{ status: "disabled" }, /that is active/, "Open Overview"]]) {
      await api(`/customers/${customer.id}`, patch);
      await tryOut(page, good.token);
      assert.match(await failed(page), check);
      assert.ok(await page.getByRole("link", { name: link }).isVisible());
      await api(`/customers/${customer.id}`, { status: "active", portal_access: true, features: { embed: true, analytics: true } });
    }

    const forApi = make(customer, "App", "--permission", "api:read");
    await tryOut(page, forApi.token);
    assert.match(await result(page), /This token works[\s\S]*GET \/api\/v1\/embed\/dashboard/);
    await tryOut(page, forApi.token, "", "Dashboard widget");
    assert.match(await failed(page), /may do this/);
    assert.match(await answer(page), /insufficient_scope/);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  });
}

test("what is shown is what a browser gets", async () => {
  const page = await openPage(browser);
  const token = make(customer, "Exact", "--origin", "https://acme.example");
  await signIn(page, site);
  for (const [origin, status] of [["https://acme.example", 200], ["https://evil.example", 403]]) {
    await tryOut(page, token.token, origin);
    const real = await fetch(site.base + "/api/validate-embed-token", { method: "POST", headers: { origin, "content-type": "application/json" }, body: JSON.stringify({ embed_token: token.token }) });
    const [head, body] = (await answer(page)).split("\n\n");
    assert.equal(real.status, status);
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    for (const line of head.split("\n").slice(1)) {
      const [name, value] = line.split(/: (.*)/);
      if (name !== "X-Request-Id") assert.equal(value, real.headers.get(name), name);
    }
    const blank = (o) => ({ ...o, request_id: "", auth_token: "" });
    assert.deepEqual(blank(JSON.parse(body)), blank(await real.json()));
  }
  await page.context().close();
});

test("an embed URL: a foreign site is kept out by the page's own headers; a mixed-up URL is told", async () => {
  const page = await openPage(browser);
  const token = make(customer, "Framed", "--origin", "https://acme.example"), second = make(customer, "Second");
  await signIn(page, site);
  await page.goto(tab(customer));
  await page.getByRole("row", { name: "Framed" }).getByRole("link", { name: /Details/ }).click();
  const url = (await (await fetch(`${site.base}/api/v1/embed-tokens/${token.id}/url`, { headers: { "x-api-key": key } })).json()).data.url;
  await tryOut(page, url, "https://acme.example");
  assert.match(await result(page), /This token works/);
  await tryOut(page, `<iframe src="${url}"></iframe>`, "https://evil.example");
  assert.match(await answer(page), /200 OK[\s\S]*frame-ancestors 'self' https:\/\/acme\.example/);
  assert.match(await result(page), /keep every browser from showing it in a frame on https:\/\/evil\.example/);
  await tryOut(page, url.replace(token.id, second.id), "https://acme.example");
  assert.match(await cause(page), /that of another token/);
  await tryOut(page, url, "", "Data by header (API)");
  assert.match(await cause(page), /token of an embed URL/);
  await page.context().close();
});

test("T7 T35: another partner's token is as unknown as a made-up one; nothing of a paste is counted, logged or in an address", async () => {
  site.ctl("partner", "create", "--name", "Rival", "--email", "rival@example.com");
  const rival = site.ctl("partner", "list").find((p) => p.name === "Rival");
  const theirs = site.ctl("--partner", rival.id, "customer", "create", "--name", "Rivals customer");
  const foreign = site.ctl("--partner", rival.id, "token", "create", "--customer", theirs.id, "--name", "Secret name");
  const page = await openPage(browser);
  await signIn(page, site);
  await tryOut(page, foreign.token);
  const told = await result(page);
  assert.match(told, /invalid_token/);
  assert.match(await failed(page), /made by this installation/);
  assert.ok(!/Secret name|Rivals customer/.test(told));

  const own = make(customer, "Quiet");
  await tryOut(page, own.token, "https://acme.example");
  assert.ok(!page.url().includes("emb_"));
  await page.goto(tab(customer));
  assert.match(await page.getByRole("row", { name: "Quiet" }).innerText(), /Never/);
  for (const name of ["access.log", "server.log", "programs.log"]) {
    for (const text of [own.token, foreign.token, key]) assert.ok(!site.log(name).includes(text.slice(4)), name);
  }
  await page.context().close();
});

test("the token just created is tested in one click; the page is whole at 320 px, light and dark, also with faults", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, { viewport: { width: 320, height: 800 }, colorScheme, expected: [/422/] });
    const check = async (what) => {
      assert.deepEqual(await axe(page), [], `${what} ${colorScheme}`);
      assert.ok(await overflow(page) <= 0, `${what} is too wide`);
      assert.equal(await page.locator("h1").count(), 1);
    };
    await signIn(page, site);
    await page.goto(tab(customer) + "/new");
    await page.getByLabel(/Allowed sites, one per line/).fill("www.acme.example");
    await page.getByRole("button", { name: "Generate" }).click();
    await page.getByRole("button", { name: "Test this token" }).click();
    assert.match(await result(page), /This token works/);
    await check("works");
    await page.getByLabel(/Site that should show it/).fill("https://" + "a".repeat(60) + ".example");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByRole("link", { name: "Allow this site" }).waitFor();
    await check("refused");
    await page.getByLabel("Token, embed URL or code").fill("https://x.example/nothing");
    await page.getByLabel(/Site that should show it/).fill("<script>window.ran=1</script>");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /2 things to correct[\s\S]*holds no token/);
    assert.equal(await page.evaluate(() => window.ran), undefined);
    await check("faults");
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});
