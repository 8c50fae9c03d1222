// SPDX-License-Identifier: GPL-3.0-or-later
// What an agent reported, on a customer's own website: by iframe, script, web component, and with the access token of the agent
// login. C11, E18, K31, T16.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, openBrowser, openPage, overflow } from "../lib/browser.mjs";
import { Site, call } from "../lib/site.mjs";

let site, browser, key, agent, second, third, token, whole;
const host = (name, body) => site.page(name, `<!DOCTYPE html><html lang="en"><head><title>Host</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head><body><main><h1>Host</h1>${body}</main></body></html>`);
const make = async (path, json) => (await call(site.base + path, { method: "POST", key, json })).json.data;

before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  browser = await openBrowser();
  key = site.ctl("key", "create", "--type", "partner", "--name", "Tests").key;
  const acme = site.ctl("customer", "create", "--name", "Acme");
  agent = await make("/api/v1/agents", { customer_id: acme.id, name: "Front desk", description: "Answers the phone,\nday and night." });
  second = await make("/api/v1/agents", { customer_id: acme.id, name: "Back office" });
  third = await make("/api/v1/agents", { customer_id: acme.id, name: "Night desk" });
  await make(`/api/v1/agents/${third.number}/results`, { title: "Wake-up call", status: "passed" });
  for (const result of [{ title: "Booking a table", status: "passed", score: 97.5, summary: "Understood at once.\nConfirmed by mail." }, { title: "Complaint", status: "failed", score: 12 },
    { title: "Opening hours", status: "running" }, { title: "<img src=x onerror=alert(1)>", status: "escalated", summary: "w".repeat(300) }]) {
    await make(`/api/v1/agents/${agent.number}/results`, result);
  }
  token = await make("/api/v1/embed-tokens", { agent_id: agent.number, name: "T", allowed_origins: [site.customerSite] });
  whole = await make("/api/v1/embed-tokens", { customer_id: acme.id, name: "W", permissions: ["agents:read"], allowed_origins: [site.customerSite] });
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

test("by script, by web component with its agent's number, and by the login's access token", async () => {
  const { access } = (await call(site.base + "/user/v1/embedded/login/", { method: "POST", json: { api_key: key, agent_id: third.number } })).json;
  host("agents.html", `<div id="answering-agent" data-token="${token.token}" data-widget="agent"></div>
    <acme-agent id="named" agent-id="${second.number}" token="${whole.token}"></acme-agent>
    <div id="login"></div>
    <script src="${site.base}/embed.js"></script>
    <script>window.embedgate.mount(document.getElementById("login"), { session: ${JSON.stringify(access)}, widget: "agent" });</script>`);
  const page = await openPage(browser);
  page.on("dialog", (d) => page.trouble.push(`dialog: ${d.message()}`));
  await page.goto(site.customerSite + "/agents.html");
  await page.locator("#answering-agent h2").getByText("Front desk").waitFor();
  assert.deepEqual(await page.locator("#answering-agent h3").allTextContents(), ["<img src=x onerror=alert(1)>", "Opening hours", "Complaint", "Booking a table"]);
  assert.match(await page.locator("#answering-agent li").last().innerText(), /passed\s+97\.5[^]*Understood at once\.\s*\n+Confirmed by mail\./);
  await page.locator("#login h2").getByText("Night desk").waitFor();
  assert.deepEqual(await page.locator("#login h3").allTextContents(), ["Wake-up call"]);
  await page.locator("#named h2").getByText("Back office").waitFor();
  await page.locator("#named").getByText("There are no results yet.").waitFor();
  assert.deepEqual(await axe(page), []);
  await page.setViewportSize({ width: 320, height: 700 });
  assert.equal(await overflow(page), 0);
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test("the copied URL shows the agent, in light and dark, and again after a reload", async () => {
  const { url } = (await call(`${site.base}/api/v1/embed-tokens/${token.id}/url`, { key })).json.data;
  host("agent-frame.html", `<iframe src="${url}" title="Agent" width="100%" height="900"></iframe>`);
  for (const colorScheme of ["light", "dark"]) {
    const page = await openPage(browser, { colorScheme });
    await page.goto(site.customerSite + "/agent-frame.html");
    const frame = page.frameLocator("iframe");
    await frame.getByRole("heading", { name: "Front desk" }).waitFor();
    assert.equal(await frame.locator("li").count(), 4);
    assert.deepEqual(await axe(page), []);
    await page.frames()[1].evaluate(() => location.reload());
    await frame.getByRole("heading", { name: "Front desk" }).waitFor();
    assert.deepEqual(page.trouble, []);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/agent-${colorScheme}.png` });
    await page.context().close();
  }
});

test("deleted: the embed says that it is gone", async () => {
  host("gone.html", `<div data-token="${token.token}" data-widget="agent" id="gone"></div><script src="${site.base}/embed.js"></script>`);
  await call(`${site.base}/api/v1/agents/${agent.number}`, { method: "DELETE", key });
  const page = await openPage(browser, { expected: [/401/] });
  await page.goto(site.customerSite + "/gone.html");
  await page.locator("#gone").getByText("This content is no longer available.").waitFor();
  await page.locator("#gone").getByText("token_revoked").waitFor();
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});
