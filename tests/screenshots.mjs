// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures of every page at 1280 and 360 px in build/screenshots/, and the one of the README in docs/.
import fs from "node:fs";
import path from "node:path";
import { openBrowser, openPage } from "./lib/browser.mjs";
import { Site } from "./lib/site.mjs";

const source = path.resolve(path.dirname(new URL(import.meta.url).pathname), "..");
const folder = path.resolve(source, process.env.BUILD ?? "build", "screenshots");
fs.mkdirSync(folder, { recursive: true });

async function signIn(page, before = async () => {}) {
  await page.goto(site.base + "/portal/login");
  await before();
  await page.getByLabel(/mail/i).fill(site.owner.email);
  await page.getByLabel(/password/i).fill(site.owner.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/customers/);
}

const site = await Site.start();
const browser = await openBrowser();
try {
  site.ctl("demo");
  const customer = site.ctl("customer", "list")[0];
  const soon = new Date(Date.now() + 5 * 86400_000).toISOString();
  site.ctl("token", "create", "--customer", customer.id, "--name", "Staging", "--origin", "https://staging.acme-events.example", "--expires", soon);
  const shop = site.ctl("token", "create", "--customer", customer.id, "--name", "Ticket shop", "--origin", "https://tickets.acme-events.example", "--origin", "*.acme-events.example");
  const ask = (origin) => fetch(site.base + "/api/validate-embed-token", { method: "POST", headers: { origin, "content-type": "application/json" }, body: JSON.stringify({ embed_token: shop.token }) });
  await ask("https://tickets.acme-events.example");
  for (let i = 0; i < 14; i++) await ask("https://shop.acme.example");

  site.ctl("key", "create", "--type", "partner", "--name", "N8N Production");
  site.ctl("key", "create", "--type", "customer", "--customer", customer.id, "--name", "Ticket shop, nightly");

  const base = `/portal/customers/${customer.id}`;
  const pages = {
    customers: "/portal/customers", "customer-new": "/portal/customers/new", overview: base, features: base + "/features",
    "embed-urls": base + "/embed-urls", "embed-urls-revoked": base + "/embed-urls?status=revoked", create: base + "/embed-urls/new",
    activity: base + "/activity", "account-activity": "/portal/activity",
    "api-keys": "/portal/settings/api-keys", "api-key-new": "/portal/settings/api-keys/new",
    details: `${base}/embed-urls/${shop.id}`, rotate: `${base}/embed-urls/${shop.id}/rotate`, revoke: `${base}/embed-urls/${shop.id}/revoke`, "not-found": "/portal/nothing",
  };
  {
    const page = await openPage(browser, { viewport: { width: 1180, height: 700 } });
    await signIn(page);
    await page.goto(site.base + pages["embed-urls"]);
    await page.screenshot({ path: path.join(source, "docs/embed-urls.png") });
    await page.context().close();
  }
  for (const width of [1280, 360]) {
    const page = await openPage(browser, { viewport: { width, height: 800 } });
    const shot = (name) => page.screenshot({ path: path.join(folder, `${name}-${width}.png`), fullPage: true });
    await signIn(page, () => shot("login"));
    for (const [name, where] of Object.entries(pages)) {
      await page.goto(site.base + where);
      await shot(name);
    }
    await page.goto(site.base + pages.create);
    await page.getByLabel(/Allowed sites, one per line/).fill("www.acme-events.example");
    await page.getByRole("button", { name: "Generate" }).click();
    await page.getByRole("heading", { name: /Token created/ }).waitFor();
    await shot("created");
    await page.goto(`${site.base}${base}/embed-urls/test`);
    await page.getByLabel("Token, embed URL or code").fill(shop.token);
    await page.getByLabel(/Site that should show it/).fill("https://shop.acme.example");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await page.locator("#result").waitFor();
    await shot("tester");
    await page.goto(`${site.base}/dashboard.html?token=${shop.token}`);
    await shot("dashboard");
    await page.context().close();
  }
} finally {
  await browser.close();
  await site.stop();
}
console.log(`pictures in ${path.relative(source, folder)}`);
