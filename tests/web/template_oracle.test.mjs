// SPDX-License-Identifier: GPL-3.0-or-later
// template_cases.json says what src/web/template.c renders; here npm's mustache says that it is right.
//   node tests/web/template_oracle.test.mjs --write      after adding cases: fills in what mustache renders
import assert from "node:assert/strict";
import fs from "node:fs";
import test from "node:test";
import Mustache from "mustache";

const file = new URL("template_cases.json", import.meta.url);
const table = JSON.parse(fs.readFileSync(file, "utf8"));

// The one thing that differs by intent: which characters become references, and that control characters are no text.
const references = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
Mustache.escape = (value) => String(value)
  .replace(/[&<>"']/g, (c) => references[c])
  .replace(/[\u0000-\u0008\u000b\u000e-\u001f\u007f]/g, "\ufffd");

if (process.argv.includes("--write")) {
  for (const c of table.cases) c.expected = Mustache.render(c.template, c.view, table.partials);
  const line = (value) => "\t\t" + JSON.stringify(value).replaceAll("\u007f", "\\u007f");
  fs.writeFileSync(file, '{\n\t"partials": {\n' +
    Object.entries(table.partials).map(([name, text]) => `\t\t${JSON.stringify(name)}: ${JSON.stringify(text)}`).join(",\n") +
    '\n\t},\n\t"cases": [\n' + table.cases.map(line).join(",\n") + "\n\t]\n}\n");
} else {
  for (const c of table.cases)
    test(c.name, () => assert.equal(Mustache.render(c.template, c.view, table.partials), c.expected));
}
