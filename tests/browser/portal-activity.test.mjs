// SPDX-License-Identifier: GPL-3.0-or-later
// What happened, and who did it: K26, K28, T16 in downloads, T39.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, openPage, overflow, signIn } from "../lib/browser.mjs";
import { Site } from "../lib/site.mjs";

let site, browser, customer, token, zed, bad;
const script = "<script>window.ran=1</script>";
const formula = "=HYPERLINK(\"https://evil.example\",\"x\")";
const ask = (text, origin) => fetch(site.base + "/api/validate-embed-token", { method: "POST", headers: { origin, "content-type": "application/json" }, body: JSON.stringify({ embed_token: text }) });
const at = (c, rest) => `${site.base}/portal/customers/${c.id}${rest}`;

before(async () => {
  site = await Site.start();
  customer = site.ctl("customer", "create", "--name", "Acme");
  token = site.ctl("token", "create", "--customer", customer.id, "--name", formula, "--origin", "https://acme.example");
  zed = site.ctl("customer", "create", "--name", script);
  bad = site.ctl("token", "create", "--customer", zed.id, "--name", "W".repeat(100));
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name, exact: true }).click()]);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return { name: file.suggestedFilename(), lines: Buffer.concat(chunks).toString().split("\r\n") };
}

test("K26 K28: nothing yet, then uses and refusals by site and result; a refused site is allowed from here", async () => {
  const page = await openPage(browser);
  await signIn(page, site);
  await page.goto(at(customer, "/activity"));
  await page.getByRole("heading", { name: "No loads yet" }).waitFor();
  await page.getByRole("link", { name: "Test a token" }).waitFor();

  for (let i = 0; i < 3; i++) assert.equal((await ask(token.token, "https://acme.example")).status, 200);
  for (let i = 0; i < 2; i++) assert.equal((await ask(token.token, "https://shop.acme.example")).status, 403);
  for (const [period, figures] of [["24 hours", /Shown\s+3[\s\S]*Refused\s+2/], ["7 days", /Embed loads\s+3[\s\S]*API requests\s+0[\s\S]*Refused\s+2/], ["30 days", /Embed loads\s+3/]]) {
    await page.goto(at(customer, "/activity"));
    await page.getByRole("link", { name: period }).click();
    assert.match(await page.locator(".figures").innerText(), figures, period);
  }
  const bySite = page.getByRole("region", { name: "By site" });
  assert.match(await bySite.getByRole("row", { name: /^https:\/\/acme\.example/ }).innerText(), /3\s+0\s/);
  assert.match(await bySite.getByRole("row", { name: /shop\.acme/ }).innerText(), /0\s+2\s/);
  assert.match(await page.getByRole("region", { name: "By result" }).innerText(), /OK\s+3[\s\S]*Site not allowed[\s\S]*2/);

  const events = page.getByRole("region", { name: "Loads and refusals" });
  await events.getByRole("link", { name: "Refused" }).click();
  assert.match(page.url(), /period=30d/, "the period stays");
  assert.equal(await events.locator("tbody tr").count(), 1);
  assert.match(await events.locator("tbody tr").innerText(), /2 times[\s\S]*Site not allowed[\s\S]*shop\.acme\.example[\s\S]*127\.0\.0\.0/);
  const csv = await download(page, "Download CSV of loads and refusals");
  assert.match(csv.name, new RegExp(`^activity-${customer.id}-\\d{4}-\\d\\d-\\d\\d\\.csv$`));
  assert.equal(csv.lines[0], "time,result,count,site,widget,token_id,token,address,browser");
  assert.match(csv.lines[1], new RegExp(`^\\d{4}-[^,]*,origin_not_allowed,2,https://shop\\.acme\\.example,,${token.id},"'=HYPERLINK\\(""https`), "no formula");
  assert.deepEqual(csv.lines.slice(2), [""]);

  await page.getByRole("link", { name: /^Allow this site/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal((await ask(token.token, "https://shop.acme.example")).status, 200);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("who did what: of the customer, of the account, by topic and name, as CSV", async () => {
  const page = await openPage(browser);
  await signIn(page, site);
  await page.goto(at(customer, "/activity"));
  const audit = page.getByRole("region", { name: "Who did what" });
  assert.match(await audit.locator("tbody tr").first().innerText(), /Token changed[\s\S]*Allowed sites changed[\s\S]*owner@partner\.example/);
  assert.match(await audit.locator("tbody tr").last().innerText(), /Customer added: Acme/);
  const csv = await download(page, "Download CSV of who did what");
  assert.match(csv.name, /^audit-/);
  assert.equal(csv.lines.length, 5);
  assert.match(csv.lines[1], /embed_token\.update,owner@partner\.example,user,127\.0\.0\.0/);

  await page.getByRole("link", { name: "Activity", exact: true }).first().click();
  await page.getByRole("heading", { name: "Activity", level: 1 }).waitFor();
  assert.match(await page.locator("tbody").innerText(), /Signed in: owner@partner\.example/);
  await page.getByRole("link", { name: "Customers", exact: true }).last().click();
  assert.equal(await page.locator("tbody tr").count(), 2);
  await page.getByLabel(/Search by person/).fill("nobody of this name");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("heading", { name: "Nothing matches “nobody of this name”" }).waitFor();
  await page.getByRole("link", { name: "Show everything" }).click();
  await page.getByLabel(/Search by person/).fill("ACME");
  await page.getByRole("button", { name: "Search" }).click();
  assert.equal(await page.locator("tbody tr").count(), 1);
  const own = await download(page, "Download CSV");
  assert.equal(own.lines.length, 3, "what was searched for, and no more");
  await page.context().close();
});

test("T7: another partner sees none of it", async () => {
  site.ctl("partner", "create", "--name", "Rival", "--email", "rival@example.com");
  const { password } = site.ctl("user", "password", "--email", "rival@example.com");
  const page = await openPage(browser, { expected: [/404/] });
  await signIn(page, site, { email: "rival@example.com", password });
  for (const rest of ["/activity", "/activity.csv", "/audit.csv"]) assert.equal((await page.goto(at(customer, rest))).status(), 404, rest);
  await page.goto(site.base + "/portal/activity");
  assert.ok(!(await page.content()).includes("Acme"));
  await page.context().close();
});

test("the pages are whole at 320 px, light and dark, also with hostile names and foreign words in the address", async () => {
  await ask(bad.token, "https://" + "a".repeat(60) + ".example");
  await ask(bad.token, script);
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, { viewport: { width: 320, height: 800 }, colorScheme });
    await signIn(page, site);
    for (const path of [at(customer, "/activity?period=24h"), at(zed, "/activity"), at(zed, `/activity?period=${encodeURIComponent(script)}&result=x&page=y`), at(zed, "/activity?page=99"),
      site.base + "/portal/activity", site.base + `/portal/activity?about=${encodeURIComponent(script)}&q=${encodeURIComponent(script)}`, site.base + "/portal/activity?page=99"]) {
      await page.goto(path);
      assert.equal(await page.evaluate(() => window.ran), undefined, path);
      assert.ok(await overflow(page) <= 0, `${path} is ${await overflow(page)} px too wide`);
      assert.deepEqual(await axe(page), [], `${path} ${colorScheme}`);
      assert.equal(await page.locator("h1").count(), 1, path);
    }
    assert.deepEqual(page.trouble, []);
    await page.context().close();
  }
});
