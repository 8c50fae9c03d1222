// SPDX-License-Identifier: GPL-3.0-or-later
// Headless Chromium for the walks, and what every walk watches: console errors and requests that leave this machine.
import { createRequire } from "node:module";
import fs from "node:fs";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

// A page that remembers its console errors and foreign requests in `page.trouble`; `expected` are patterns that are no trouble.
export async function openPage(browser, { expected = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.trouble = [];
  const note = (text) => { if (!expected.some((e) => e.test(text))) page.trouble.push(text); };
  page.on("console", (m) => { if (m.type() === "error") note(`console: ${m.text()}`); });
  page.on("pageerror", (e) => note(`script: ${e.message}`));
  context.on("request", (r) => { if (!/^(http:\/\/(127\.0\.0\.1|localhost)[:/]|data:|blob:|about:)/.test(r.url())) note(`request: ${r.url()}`); });
  return page;
}

// axe-core in the page; the list of violations as "rule: target".
export async function axe(page) {
  await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary?.split("\n")[1]?.trim() ?? ""}`));
}

// Pixels by which the page is wider than its window.
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// The text a visitor sees in an embed: of the element itself, its shadow root, or the frame inside.
export async function embedText(page, selector) {
  const frame = await page.locator(selector).elementHandle().then((h) => h.contentFrame());
  if (frame) return frame.evaluate(() => document.body.innerText);
  return page.locator(selector).evaluate((e) => e.shadowRoot?.firstElementChild?.getRootNode().textContent ?? e.innerText);
}

// To the Customer List, as the owner or as somebody else.
export async function signIn(page, site, { email, password } = site.owner) {
  await page.goto(site.base + "/portal/login");
  await page.getByLabel(/mail/i).fill(email);
  await page.getByLabel(/password/i).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/portal\/customers$/);
}
