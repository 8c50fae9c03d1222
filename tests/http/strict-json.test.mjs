// SPDX-License-Identifier: GPL-3.0-or-later
// The strict JSON reader against an oracle: JSON.parse, and on top of it what we refuse besides. M8.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

let site, key;
before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  key = site.ctl("key", "create", "--type", "partner", "--name", "T").key;
});
after(() => site?.stop());

// A deterministic stream of numbers, so that a failure can be had again.
function random(seed) {
  return () => { seed = (seed * 1664525 + 1013904223) >>> 0; return seed / 2 ** 32; };
}

// JSON.parse lets duplicate names, lone surrogates, NUL and any depth and size of number pass. Reads a text that JSON.parse
// has taken, so its grammar need not be checked again.
function isStrict(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (text.charCodeAt(0) === 0xfeff || Buffer.from(text).toString() !== text) return false;
  let at = 0, fine = true;
  const space = () => { while (" \t\r\n".includes(text[at]) && at < text.length) at++; };
  const string = () => {
    const from = at++;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    const s = JSON.parse(text.slice(from, ++at));
    if (s.includes("\0") || !s.isWellFormed()) fine = false;
    return s;
  };
  const any = (depth) => {
    space();
    if (text[at] === "{" || text[at] === "[") {
      if (depth > 32) fine = false;
      const close = text[at] === "{" ? "}" : "]", names = new Set();
      at++;
      for (space(); text[at] !== close; space()) {
        if (text[at] === ",") { at++; space(); }
        if (close === "}") {
          const name = string();
          if (names.has(name)) fine = false;
          names.add(name);
          space();
          at++;
        }
        any(depth + 1);
      }
      at++;
    } else if (text[at] === '"') string();
    else {
      const from = at;
      while (at < text.length && !",]} \t\r\n".includes(text[at])) at++;
      const word = text.slice(from, at);
      if (/^-?\d+$/.test(word) && (BigInt(word) > 9223372036854775807n || BigInt(word) < -9223372036854775808n)) fine = false;
      if (/^-?\d/.test(word) && !Number.isFinite(Number(word))) fine = false;
    }
  };
  any(1);
  return fine && typeof value === "object" && value !== null && !Array.isArray(value);
}

const pieces = ["{", "}", "[", "]", ",", ":", '"a"', '"b"', '"a"', "1", "-0", "01", "1.", ".5", "1e3", "1E+400", "-1e-2", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
  "true", "false", "null", "True", "NaN", "Infinity", "-", "+1", "'a'", '"\\u0041"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00\\ud800"', '"\\x41"', '"\t"', '"\u007f"', '"😀"', "\u00a0", "\ufeff", " ", "\n", "\t", "\r", "\f",
  "//", "/**/", '"\\', '"', "\\", "a", '"a":1', '"b":[1,2]', '"c":{}', '{"a":{"a":1}}', '"\\u0061":2', '"\\/"'];

function generate(next) {
  const pick = (list) => list[Math.floor(next() * list.length)];
  const value = (depth) => {
    const kind = next();
    if (depth > 4 || kind < 0.4) return pick(["1", '"x"', "null", "true", "-2.5e1", '"\\u00e9"', '{}', "[]", "0", '"\\n"']);
    if (kind < 0.7) return `{${Array.from({ length: Math.floor(next() * 4) }, () => `"${pick(["a", "b", "c", "\\u0061", "d"])}" : ${value(depth + 1)}`).join(",")}}`;
    return `[${Array.from({ length: Math.floor(next() * 4) }, () => value(depth + 1)).join(" , ")}]`;
  };
  let text = `{"a":${value(0)},"b":${value(0)}}`;
  for (let changes = Math.floor(next() * 3); changes > 0; changes--) {
    const at = Math.floor(next() * text.length);
    text = next() < 0.5 ? text.slice(0, at) + pick(pieces) + text.slice(at + Math.floor(next() * 2)) : text.slice(0, at) + text.slice(at + 1);
  }
  return text;
}

test("3,000 generated bodies and the known edges: we take what the oracle takes, and nothing else", async () => {
  const next = random(20261120);
  const nested = (n) => '{"a":'.repeat(n) + "1" + "}".repeat(n);
  const cases = ["{}", " {} ", "[]", "null", '""', "", "{", '{"a":1}x', '{"a":1}\n', nested(32), nested(33), '{"a":' + "[".repeat(31) + "]".repeat(31) + "}", '{"a":' + "[".repeat(32) + "]".repeat(32) + "}",
    ...pieces.map((p) => `{"a":${p}}`), ...pieces.map((p) => `{${p}:1}`), ...pieces.map((p) => `{"a":1${p}}`), ...pieces.map((p) => `${p}{"a":1}${p}`),
    ...Array.from({ length: 3000 }, () => generate(next))].filter((c) => c !== "");
  let taken = 0;
  for (let i = 0; i < cases.length; i += 32) {
    const some = cases.slice(i, i + 32);
    const answers = await Promise.all(some.map((body) => call(site.base + "/api/v1/customers", { method: "POST", key, body, headers: { "content-type": "application/json" } })));
    for (const [k, answer] of answers.entries()) {
      const strict = isStrict(some[k]);
      taken += strict;
      // What is JSON is refused, too, for its fields: but with another word.
      assert.equal(answer.json.code, strict ? "validation_failed" : "invalid_json", JSON.stringify(some[k]));
    }
  }
  assert.ok(taken > 500 && taken < cases.length - 500, `${taken} of ${cases.length} are JSON: both sides are tried`);
});
