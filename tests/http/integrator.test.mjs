// SPDX-License-Identifier: GPL-3.0-or-later
// The examples of docs/integrator.md, each language's from top to bottom as one program: they do what they say. A3, A9, A10, E9, E14, E15.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Site, call } from "../lib/site.mjs";

const guide = fs.readFileSync(path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../../docs/integrator.md"), "utf8");
const blocks = (language) => [...guide.matchAll(new RegExp("^```" + language + "\\n(.*?)^```$", "gms"))].map((m) => m[1]);
let site, key, env;

before(async () => {
  site = await Site.start({ workers: 1 });
  key = site.ctl("key", "create", "--type", "partner", "--name", "Guide").key;
  const api = async (p, json) => (await call(site.base + "/api/v1" + p, { method: "POST", key, json })).json.data;
  const user = await api("/users", { name: "Guide" });
  const token = await api("/embed-tokens", { customer_id: user.id, name: "Guide" });
  env = { ...process.env, EMBEDGATE: site.base, EMBEDGATE_KEY: key, CUSTOMER_ID: user.id, TOKEN_ID: token.id, TOKEN: token.token, APP_TOKEN: site.ctl("token", "create", "--customer", user.id, "--name", "App").token };
});
after(() => site?.stop());

function run(command, args, input) {
  const done = spawnSync(command, args, { env, input, encoding: "utf8", timeout: 60_000 });
  assert.equal(done.error, undefined, `${command}: ${done.error?.message}`);
  assert.deepEqual([done.status, done.stderr], [0, ""], done.stdout);
  return done.stdout;
}

test("curl", () => {
  const all = blocks("sh");
  assert.ok(all.length >= 10);
  const out = run("sh", ["-e"], all.join("echo\n"));
  // One line is one answer, and all of them are successes.
  const answers = out.split("\n").flatMap((l) => l.replaceAll("}{", "}\n{").split("\n")).filter((l) => l !== "").map((l) => JSON.parse(l));
  assert.equal(answers.length, all.join("").match(/^curl /gm).length);
  for (const answer of answers) assert.equal(answer.success, true);
  assert.equal(answers.filter((a) => a.data?.status === "revoked").length, 1);
  assert.match(answers.at(-1).auth_token, /^eyJ/);
});

test("Node.js", () => {
  const out = run(process.execPath, ["--input-type=module"], blocks("js").join("\n")).trim().split("\n");
  assert.match(out[0], /^[0-9a-f-]{36} emb_/);
  assert.match(out[1], /^[0-9a-f-]{36} emb_.{6}\.\.\. emb_/);
  assert.deepEqual(out.slice(-2), ["ok ", "Acme"]);
});

test("PHP", () => {
  const out = run("php", ["-d", "display_errors=stderr", "-d", "error_reporting=-1"], "<?php\n" + blocks("php").join("\n")).trim().split("\n");
  assert.match(out[0], /^[0-9a-f-]{36} emb_/);
  assert.deepEqual(out.slice(-2), ["ok", "Acme"]);
});
