// SPDX-License-Identifier: GPL-3.0-or-later
// Settings, API Keys: four kinds with their consequences, shown once, rolled with an overlap, revoked; who may not is told whom
// to ask. P1, P2, P5-P11, K13, T35.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, openPage, overflow, signIn } from "../lib/browser.mjs";
import { Site, call } from "../lib/site.mjs";

let site, browser, customer;

before(async () => {
  site = await Site.start();
  customer = site.ctl("customer", "create", "--name", "Acme");
  site.ctl("customer", "create", "--name", "Acme Holding");
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function openKeys(page) {
  await page.goto(site.base + "/portal/customers");
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("link", { name: "API Keys", exact: true }).click();
  await page.getByRole("heading", { name: "API Keys", exact: true }).waitFor();
}

async function create(page, { name, kind, of = "", expires }) {
  await openKeys(page);
  await page.getByRole("link", { name: "Create API Key" }).first().click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel(kind, { exact: true }).first().check({ force: true });    // the whole card is its label
  await page.getByLabel("Customer", { exact: true }).last().fill(of);
  if (expires) await page.getByLabel(expires).check();
  await page.getByRole("button", { name: "Save" }).click();
}

const shown = async (page) => {
  await page.getByRole("heading", { name: /Copy it now, it will not be shown again/ }).waitFor();
  return page.getByLabel("API key", { exact: true }).last().inputValue();
};
const list = (key) => call(site.base + "/api/v1/customers", { key });

for (const javaScriptEnabled of [true, false]) {
  test(`P1 P2 P9 ${javaScriptEnabled ? "with" : "without"} scripts: create, use, roll, revoke`, async () => {
    const page = await openPage(browser, { javaScriptEnabled });
    const name = `N8N ${javaScriptEnabled}`;
    await signIn(page, site);
    await create(page, { name, kind: "Partner", expires: "90 days" });
    const key = await shown(page);
    assert.match(key, /^egp_/);
    assert.ok((await page.getByLabel("First call").innerText()).startsWith(`curl -H "X-API-Key: ${key}"`));
    assert.ok(!page.url().includes(key));
    assert.equal((await list(key)).status, 200);
    await page.reload();
    await page.getByRole("heading", { name: /shown once and is gone/ }).waitFor();
    assert.ok(!(await page.content()).includes(key), "not shown again");

    await openKeys(page);
    const row = page.getByRole("row", { name });
    assert.match(await row.innerText(), new RegExp(`Partner[\\s\\S]*${key.slice(0, 10)}\\.\\.\\.[\\s\\S]*owner@partner\\.example[\\s\\S]*127\\.0\\.0\\.0[\\s\\S]*Active`), "P10: last used, and from where");
    await row.getByRole("link", { name: "Roll" }).click();
    await page.getByLabel("works for 1 hour more").check();
    await page.getByRole("button", { name: "Roll key" }).click();
    const rolled = await shown(page);
    assert.notEqual(rolled, key);
    assert.equal((await list(rolled)).status, 200);
    const old = await list(key);
    assert.equal(old.status, 200, "P9: both work within the overlap");
    assert.ok(old.headers.get("sunset"));
    await openKeys(page);
    assert.match(await row.innerText(), /Rotating/);
    await row.getByRole("link", { name: "Roll" }).click();
    await page.getByText("Rolling again ends that one at once").waitFor();
    await page.getByLabel("stops working now").check();
    await page.getByRole("button", { name: "Roll key" }).click();
    const last = await shown(page);
    assert.deepEqual([(await list(key)).status, (await list(rolled)).status, (await list(last)).status], [401, 401, 200]);

    await openKeys(page);
    await row.getByRole("link", { name: "Revoke" }).click();
    await page.getByText("This cannot be undone").waitFor();
    await page.getByLabel(/Type its name/).fill("something else");
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel(/Type its name/).fill(name);
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.getByRole("status").filter({ hasText: "is revoked" }).waitFor();
    assert.match(await row.innerText(), /Revoked/);
    assert.equal((await list(last)).json.code, "token_revoked");
    await page.context().close();
  });
}

test("P5-P8: each kind does what its text says", async () => {
  const page = await openPage(browser, { expected: [/422/] });
  await signIn(page, site);
  const wanted = [["Partner", "", "egp_", 200, 201], ["Read-only", "", "egr_", 200, 403], ["Webhook", "", "egw_", 403, 403]];
  for (const [kind, of, prefix, get, post] of wanted) {
    await create(page, { name: kind, kind, of });
    const key = await shown(page);
    assert.ok(key.startsWith(prefix), kind);
    assert.equal((await list(key)).status, get, kind);
    assert.equal((await call(site.base + "/api/v1/customers", { method: "POST", key, json: { name: `By ${kind}` } })).status, post, kind);
  }
  await create(page, { name: "One customer", kind: "Customer", of: "" });
  assert.match(await page.getByRole("alert").innerText(), /Name the customer/);
  await page.getByLabel("Customer", { exact: true }).last().fill("Nobody");
  await page.getByRole("button", { name: "Save" }).click();
  assert.match(await page.getByRole("alert").innerText(), /no customer of this name/);
  await page.getByLabel("Customer", { exact: true }).last().fill("acm");
  await page.getByRole("button", { name: "Save" }).click();
  assert.match(await page.getByRole("alert").innerText(), /2 customers fit this/);
  assert.equal(await page.getByLabel("Name").inputValue(), "One customer", "what was typed is kept");
  await page.getByLabel("Customer", { exact: true }).last().fill("acme");
  await page.getByRole("button", { name: "Save" }).click();
  const key = await shown(page);
  assert.ok(key.startsWith("egc_"));
  assert.ok((await page.getByLabel("First call").innerText()).includes(`/api/v1/customers/${customer.id}`));
  assert.deepEqual((await list(key)).json.data.map((c) => c.id), [customer.id]);
  await create(page, { name: "Wrong", kind: "Partner", of: customer.id });
  assert.match(await page.getByRole("alert").innerText(), /Leave the customer out/);
  await page.context().close();
});

test("name and expiry can be changed; the form sent twice makes one key", async () => {
  const page = await openPage(browser, { javaScriptEnabled: false });
  await signIn(page, site);
  await page.goto(site.base + "/portal/settings/api-keys/new");
  const form = { csrf: await page.locator('main input[name="csrf"]').inputValue(), name: "Sent twice", type: "partner", expiry: "never" };
  const send = () => page.context().request.post(page.url(), { form, headers: { origin: site.base }, maxRedirects: 0 });
  assert.match((await send()).headers().location, /\/created\?show=/);
  await page.goto((await send()).headers().location);
  await page.getByRole("status").filter({ hasText: "was sent before and made this key" }).waitFor();
  assert.equal(site.ctl("key", "list").filter((k) => k.name === "Sent twice").length, 1);
  await page.getByLabel("Name").fill("Renamed");
  await page.getByLabel("30 days", { exact: true }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("status").filter({ hasText: "Saved" }).waitFor();
  const renamed = site.ctl("key", "list").find((k) => k.name === "Renamed");
  assert.ok(Math.abs(Date.parse(renamed.expires_at) - Date.now() - 30 * 86400_000) < 60_000);
  await page.context().close();
});

test("P11: who lacks the settings permission is told whom to ask, and can do nothing", async () => {
  const kept = site.ctl("key", "list")[0] ?? site.ctl("key", "create", "--type", "partner", "--name", "Kept");
  for (const role of ["member", "admin"]) {
    const { password } = site.ctl("user", "add", "--email", `${role}@partner.example`, "--role", role);
    const page = await openPage(browser, { expected: [/403/] });
    await signIn(page, site, { email: `${role}@partner.example`, password });
    await openKeys(page);
    assert.match(await page.locator("main").innerText(), /You need the settings permission[\s\S]*owner@partner\.example/);
    assert.equal(await page.getByRole("link", { name: "Create API Key" }).count(), 0);
    assert.deepEqual(await axe(page), []);
    for (const path of ["/new", `/${kept.id}`, `/${kept.id}/roll`, `/${kept.id}/revoke`, `/${kept.id}/created`]) {
      assert.equal((await page.goto(site.base + "/portal/settings/api-keys" + path)).status(), 403, path);
    }
    await page.context().close();
  }
});

test("T35: no key in a log; whole at 320 px, light and dark, with hostile names", async () => {
  const script = "<script>window.ran=1</script>";
  const zed = site.ctl("customer", "create", "--name", script);
  const { id } = site.ctl("key", "create", "--type", "customer", "--customer", zed.id, "--name", "W".repeat(100));
  site.ctl("key", "create", "--type", "read_only", "--name", script);
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, { viewport: { width: 320, height: 800 }, colorScheme });
    await signIn(page, site);
    await create(page, { name: "😀".repeat(100), kind: "Webhook" });
    const key = await shown(page);
    const whole = async (path) => {
      assert.equal(await page.evaluate(() => window.ran), undefined, path);
      assert.ok(await overflow(page) <= 0, `${path} is ${await overflow(page)} px too wide`);
      assert.deepEqual(await axe(page), [], `${path} ${colorScheme}`);
      assert.equal(await page.locator("h1").count(), 1, path);
    };
    await whole("created");
    for (const rest of ["", "/new", `/new?customer=${encodeURIComponent(script)}`, `/${id}`, `/${id}/roll`, `/${id}/revoke`, `/${id}/created`, "?page=99"]) {
      await page.goto(site.base + "/portal/settings/api-keys" + rest);
      await whole(rest);
    }
    for (const name of ["access.log", "server.log", "programs.log"]) assert.ok(!site.log(name).includes(key.slice(4)), name);
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});
