// SPDX-License-Identifier: GPL-3.0-or-later
// What script adds to the Partner Portal: copying, and an early look at how allowed sites are understood. Every page works
// without it; nothing here decides anything.
"use strict";

const announce = (text) => { document.getElementById("announce").textContent = text; };

// A button says what happened for a moment, for eyes and for screen readers.
function say(button, word) {
  if (button.dataset.label === undefined) {
    button.dataset.label = "";
    button.kept = [...button.childNodes];
  }
  clearTimeout(button.timer);
  button.replaceChildren(word);
  button.classList.add("copied");
  announce(word);
  button.timer = setTimeout(() => {
    button.replaceChildren(...button.kept);
    button.classList.remove("copied");
  }, 2000);
}

// Where the clipboard is closed to us the text is left selected for the reader's own keys.
function select(element) {
  if (element.select) {
    element.focus();
    element.select();
  } else {
    getSelection().selectAllChildren(element);
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      say(button, "Copied");
    } catch {
      select(source);
      say(button, "Press Ctrl+C");
    }
  });
}

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}

// Send a form without leaving the page, and read the page that would have come.
async function pageAfter(form, submitter) {
  const body = new URLSearchParams(new FormData(form));
  if (submitter) body.append(submitter.name, submitter.value);
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
  if (answer.type === "opaqueredirect") throw new Error("redirected");
  return { ok: answer.ok, page: new DOMParser().parseFromString(await answer.text(), "text/html") };
}

// Copy URL in one click. Whatever fails leads to the page that works without script.
for (const form of document.querySelectorAll("form[data-copy-url]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    if (!navigator.clipboard) return;
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    let url;
    try {
      const { ok, page } = await pageAfter(form);
      url = ok ? page.getElementById("embed-url")?.value : undefined;
    } catch { /* as if there were no script, below */ }
    form.removeAttribute("aria-busy");
    if (url === undefined) {
      form.submit();
      return;
    }
    try {
      await navigator.clipboard.writeText(url);
      say(button, "Copied");
    } catch {
      offer(form, url);
    }
  });
}

// The address beside the button, selected.
function offer(form, url) {
  let field = form.querySelector("input[data-offer]");
  if (!field) {
    field = document.createElement("input");
    field.readOnly = true;
    field.dataset.offer = "";
    field.className = "mono offer";
    field.setAttribute("aria-label", "Embed URL. Press Ctrl+C to copy.");
    form.append(field);
  }
  field.value = url;
  select(field);
  say(form.querySelector("button"), "Press Ctrl+C");
}

// Allowed sites as the server understands them, soon after the typing stops. Only while the field has the focus: a page that
// moves between press and release would take the button from under the pointer.
for (const field of document.querySelectorAll("textarea[data-check]")) {
  const form = field.form;
  const button = form.querySelector('button[name="step"][value="check"]');
  const echo = document.getElementById(field.dataset.check);
  let timer;
  const look = async () => {
    const asked = field.value;
    try {
      const { page } = await pageAfter(form, button);
      if (document.activeElement !== field || field.value !== asked) return;
      const error = page.getElementById("sites-error");
      document.getElementById("sites-error")?.remove();
      echo.replaceChildren(...(error ? [error] : []), ...page.getElementById(echo.id).childNodes);
      if (error) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    } catch { /* the button is still there */ }
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 500);
  });
}

// One click, one form.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  if (event.target.method === "post") event.target.dataset.sent = "";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
