// SPDX-License-Identifier: GPL-3.0-or-later
// A portal admin's first five minutes, with and without scripts: K2-K4, K6-K9, K19-K24, K27, E2. And every page with hostile data.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, openPage, overflow, signIn } from "../lib/browser.mjs";
import { Site } from "../lib/site.mjs";

let site, browser;
const refusals = [/401|403/, /embedgate/, /Refused to (frame|display)/i];

before(async () => {
  site = await Site.start();
  site.ctl("demo");
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function openTab(page, customer = "Acme Events") {
  await page.goto(site.base + "/portal/customers");
  await page.getByRole("row", { name: customer }).getByRole("link", { name: /Manage/ }).click();
  await page.getByRole("link", { name: "Embed URLs", exact: true }).click();
}

async function createToken(page, { label, sites }) {
  await page.getByRole("link", { name: "Create Embed Token" }).first().click();
  if (label !== undefined) await page.getByLabel(/^Label/).fill(label);
  await page.getByLabel(/Allowed sites, one per line/).fill(sites);
  await page.getByRole("button", { name: "Generate" }).click();
  await page.getByRole("heading", { name: "Token created. Copy it now, it will not be shown again." }).waitFor();
  return page.getByLabel("Embed token", { exact: true }).inputValue();
}

const host = (name, body) => site.page(name, `<!DOCTYPE html><html lang="en"><head><title>Host</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`);

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without scripts";
  test(`K2 K6-K8 K19-K24 ${how}: create, copy, embed, see it used, revoke, gone`, async () => {
    const page = await openPage(browser, { javaScriptEnabled, permissions: ["clipboard-read", "clipboard-write"], expected: refusals });
    const label = `Shop ${how}`;
    await signIn(page, site);
    await openTab(page);
    const token = await createToken(page, { label, sites: site.customerSite + "/some/page" });
    assert.match(token, /^emb_[A-Za-z0-9_-]{56}$/);
    await page.reload();
    await page.getByRole("heading", { name: /shown once and is gone/ }).waitFor();
    assert.ok(!(await page.content()).includes(token), "K8: not shown again");

    await openTab(page);
    const row = page.getByRole("row", { name: label });
    assert.match(await row.innerText(), /Never/);
    assert.match(await row.innerText(), new RegExp(site.customerSite));
    assert.match(await row.innerText(), new RegExp(token.slice(0, 10)));
    await row.getByRole("button", { name: /Copy URL/ }).click();
    let url;
    if (javaScriptEnabled) {
      await row.getByText("Copied").waitFor();
      url = await page.evaluate(() => navigator.clipboard.readText());
    } else {
      url = await page.locator("#embed-url").inputValue();
    }
    assert.match(url, new RegExp(`^${site.base}/e/[0-9a-f-]{36}#emu_`));

    host("walk.html", `<iframe src="${url}" title="Acme" width="900" height="700"></iframe><div id="answering-agent" data-token="${token}">Fallback</div><script src="${site.base}/embed.js"></script>`);
    const visitor = await openPage(browser, { expected: refusals });
    await visitor.addInitScript(() => document.addEventListener("embedgate:error", (e) => { window.code = e.detail.code; }));
    await visitor.goto(site.customerSite + "/walk.html");
    await visitor.frameLocator("iframe").getByText("Acme Events").first().waitFor();
    await visitor.waitForFunction(() => document.querySelector("#answering-agent").shadowRoot?.textContent.includes("Acme Events"));
    const stranger = await openPage(browser, { expected: refusals });
    await stranger.addInitScript(() => document.addEventListener("embedgate:error", (e) => { window.code = e.detail.code; }));
    await stranger.goto(site.otherSite + "/walk.html");
    await stranger.waitForFunction(() => window.code === "origin_not_allowed");

    await openTab(page);
    assert.match(await page.getByRole("row", { name: label }).innerText(), /just now|\d+ s ago/, "K21: last used moved");
    await page.getByRole("row", { name: label }).getByRole("link", { name: /Revoke/ }).click();
    await page.getByText("This cannot be undone").waitFor();
    await page.getByLabel(/Type its name/).fill(label);
    await page.getByRole("button", { name: "Revoke token" }).click();
    await page.getByRole("status").filter({ hasText: /revoked/i }).waitFor();
    assert.equal(await page.getByRole("row", { name: label }).count(), 0, "K22: no longer among the active");
    await page.getByRole("link", { name: "Revoked", exact: true }).click();
    assert.match(await page.getByRole("row", { name: label }).innerText(), /Revoked/);

    await visitor.reload();
    await visitor.waitForFunction(() => window.code === "token_revoked");
    await visitor.frameLocator("iframe").getByText("token_revoked").waitFor();
    assert.deepEqual([...page.trouble, ...visitor.trouble], []);
    for (const p of [page, visitor, stranger]) await p.context().close();
  });
}

test("K3 K4 K34: a precondition that fails is said on the tab, with the button that mends it", async () => {
  const page = await openPage(browser);
  await signIn(page, site);
  await openTab(page);
  for (const [tab, control] of [["Overview", /portal access/i], ["Features", /embed/i]]) {
    await page.getByRole("link", { name: tab, exact: true }).click();
    assert.ok(await page.getByText(control).first().isVisible(), tab);
  }
  const customer = site.ctl("customer", "list").find((c) => c.name === "Acme Events");
  const key = site.ctl("key", "create", "--type", "partner", "--name", "T").key;
  await fetch(`${site.base}/api/v1/customers/${customer.id}`, { method: "PATCH", headers: { "x-api-key": key, "content-type": "application/json" }, body: JSON.stringify({ portal_access: false }) });
  await openTab(page);
  const strip = page.getByText(/portal access is off/i);
  await strip.first().waitFor();
  await page.getByRole("button", { name: /portal access/i }).click();
  await openTab(page);
  assert.equal(await strip.count(), 0);
  await page.context().close();
});

test("wrong input keeps what was typed and says what to do", async () => {
  const page = await openPage(browser, { expected: [/422/] });
  await signIn(page, site);
  await openTab(page);
  await page.getByRole("link", { name: "Create Embed Token" }).first().click();
  await page.getByLabel(/^Label/).fill("Kept label");
  await page.getByLabel(/Allowed sites, one per line/).fill("ftp://acme.com\n*.com");
  await page.getByRole("button", { name: "Generate" }).click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel(/^Label/).inputValue(), "Kept label");
  assert.equal((await page.getByLabel(/Allowed sites, one per line/).inputValue()).replaceAll("\r", ""), "ftp://acme.com\n*.com");
  assert.deepEqual(await axe(page), []);
  await page.getByLabel(/Allowed sites, one per line/).fill("");
  await page.getByRole("button", { name: "Generate" }).click();
  assert.match(await page.getByRole("alert").innerText(), /site/i, "no site at all wants a tick");
  await page.context().close();
});

test("every page with hostile names: nothing runs, nothing spills at 320 px, axe-core finds nothing, light and dark", async () => {
  const script = "<script>window.ran=1</script><img src=x onerror=window.ran=1>";
  const customer = site.ctl("customer", "create", "--name", `Zed ${script} \"'&`);
  const long = "W".repeat(100);
  const token = site.ctl("token", "create", "--customer", customer.id, "--name", "😀".repeat(100), "--origin", "https://" + "a".repeat(60) + ".example");
  site.ctl("token", "create", "--customer", customer.id, "--name", long);
  site.ctl("token", "create", "--customer", customer.id, "--name", script);
  const base = `/portal/customers/${customer.id}`;
  const pages = ["/portal/customers", "/portal/customers?q=" + encodeURIComponent(script), "/portal/customers?q=nothing-like-it", "/portal/customers/new", base, base + "/features", base + "/embed-urls", base + "/embed-urls?status=revoked", base + "/embed-urls/new", base + "/embed-urls/test",
    `${base}/embed-urls/${token.id}`, `${base}/embed-urls/${token.id}/revoke`, `${base}/embed-urls/${token.id}/rotate`, "/portal/nothing"];
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, { viewport: { width: 320, height: 800 }, colorScheme, expected: [/404/] });
    await page.goto(site.base + "/portal/login");
    assert.deepEqual(await axe(page), [], "login");
    await signIn(page, site);
    for (const path of pages) {
      await page.goto(site.base + path);
      assert.equal(await page.evaluate(() => window.ran), undefined, path);
      assert.ok(await overflow(page) <= 0, `${path} is ${await overflow(page)} px too wide`);
      assert.deepEqual(await axe(page), [], `${path} ${colorScheme}`);
      assert.equal(await page.locator("h1").count(), 1, `${path} has one heading`);
    }
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});
