// SPDX-License-Identifier: GPL-3.0-or-later
// Each code that an answer can have is named by some test, in HTTP or in C: a code nobody tries is a promise nobody keeps.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const tests = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const read = (file) => fs.readFileSync(file, "utf8");
const files = fs.readdirSync(tests, { recursive: true }).filter((f) => /(\.test\.mjs|_test\.c)$/.test(f) && !f.startsWith("node_modules") && !/codes\.test\.mjs|verdict_test\.c/.test(f));
const sources = files.map((f) => [f, read(path.join(tests, f))]);

test("every code of the table of verdicts that a program gives is expected by a test", () => {
  const table = read(path.join(tests, "../src/gate/verdict.c"));
  const codes = [...table.matchAll(/\[(VERDICT_\w+)\] = \{\s*"(\w+)"/g)].map(([, name, code]) => [name, code]).filter(([name]) => name !== "VERDICT_OK");
  assert.ok(codes.length > 40);
  const programs = fs.readdirSync(path.join(tests, "../src"), { recursive: true }).filter((f) => f.endsWith(".c")).map((f) => read(path.join(tests, "../src", f))).join("\n");
  const given = codes.filter(([name]) => [...programs.matchAll(new RegExp(`(?<!\\[)\\b${name}\\b`, "g"))].length > 0);
  assert.ok(given.length > 40);
  const untried = given.filter(([name, code]) => !sources.some(([f, text]) => new RegExp(`["'\`]${code}["'\`]`).test(text) || (f.endsWith(".c") && new RegExp(`\\b${name}\\b`).test(text))));
  assert.deepEqual(untried.map(([, code]) => code), []);
});
