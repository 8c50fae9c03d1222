// SPDX-License-Identifier: GPL-3.0-or-later
// Shows one token in each way of embedding, with the snippet that does it. What is pasted stays in this tab.
"use strict";

const { embedgate, token: demoToken } = window.demo;
const pasted = sessionStorage.getItem("credential") || demoToken;
const isUrl = pasted.startsWith("http");
const $ = (id) => document.getElementById(id);

$("credential").value = pasted;
$("origin").textContent = location.origin;
$("elsewhere").href = location.href.replace("127.0.0.1", "localhost");
$("paste").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("credential", $("credential").value.trim());
  location.reload();
});
$("reset").addEventListener("click", () => {
  sessionStorage.removeItem("credential");
  location.reload();
});

for (const name of ["ready", "error", "expired", "resize"]) {
  document.addEventListener("embedgate:" + name, (event) => {
    const line = document.createElement("li");
    line.textContent = `${event.target.id || event.target.localName}: embedgate:${name} ${event.detail && event.detail.code ? event.detail.code : ""}`;
    $("events").append(line);
  });
}

function script(src) {
  const element = document.createElement("script");
  element.src = src;
  return element;
}

// An iframe takes the embed URL; a token is put into the older form of the address.
const frame = document.createElement("iframe");
frame.src = isUrl ? pasted : `${embedgate}/dashboard.html?token=${encodeURIComponent(pasted)}`;
frame.title = "Acme dashboard";
frame.referrerPolicy = "no-referrer";
$("iframe-embed").append(frame);
$("iframe-snippet").textContent = `<iframe src="${frame.src}" title="Acme dashboard"></iframe>`;

// Script and web component take a token; an embed URL's token is for our own pages only.
const token = isUrl ? "YOUR_TOKEN" : pasted;
$("script-snippet").textContent = `<div id="answering-agent" data-token="${token}"></div>\n<script src="${embedgate}/embed.js"></script>`;
$("component-snippet").textContent = `<script src="${embedgate}/embed/v1/loader.js" async></script>\n<acme-dashboard token="${token}"></acme-dashboard>`;
if (isUrl) {
  for (const id of ["script-embed", "component-embed"]) $(id).textContent = "Paste the token (emb_…) to see this one.";
} else {
  const container = document.createElement("div");
  container.id = "answering-agent";
  container.dataset.token = token;
  $("script-embed").append(container, script(`${embedgate}/embed.js`));
  const component = document.createElement("acme-dashboard");
  component.setAttribute("token", token);
  $("component-embed").append(component, script(`${embedgate}/embed/v1/loader.js`));
}
