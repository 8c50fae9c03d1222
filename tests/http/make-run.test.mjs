// SPDX-License-Identifier: GPL-3.0-or-later
// What `make run` does after the build: first use, another port, and every reason not to start, each with a sentence.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { call, freePortPair } from "../lib/site.mjs";

const source = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../..");
const script = path.join(source, "lighttpd-conf/run-dev");
const env = { ...process.env, BUILD: path.resolve(source, process.env.BUILD ?? "build") };
let root, data, port;

before(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "embedgate test "));
  data = path.join(root, "a folder with blanks");
  port = await freePortPair();
});
after(() => fs.rmSync(root, { recursive: true, force: true }));

// Start, run `use` with what was printed, stop.
async function serving(usedPort, use) {
  const child = spawn(script, [data, String(usedPort)], { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  child.stdout.on("data", (d) => { printed += d; });
  child.stderr.on("data", (d) => { printed += d; });
  const ended = new Promise((r) => child.once("exit", r));
  try {
    for (let tries = 0; ; tries++) {
      if (child.exitCode !== null || tries > 300) assert.fail(`not served: ${printed}`);
      try {
        if ((await fetch(`http://127.0.0.1:${usedPort}/readyz`)).ok) break;
      } catch { /* not up yet */ }
      await new Promise((r) => setTimeout(r, 50));
    }
    await use(printed);
  } finally {
    process.kill(-child.pid, "SIGTERM");
    await ended;
  }
}

const refused = (...args) => {
  const { status, stdout, stderr } = spawnSync(script, args, { env, encoding: "utf8", timeout: 20_000 });
  assert.notEqual(status, 0, stdout);
  assert.equal(stderr.trim().split("\n").length, 1, `one sentence: ${stderr}`);
  return stderr;
};

async function demoWorks(usedPort) {
  const demo = (await call(`http://127.0.0.1:${usedPort + 1}/demo.js`)).text;
  const token = /emb_[\w-]{56}/.exec(demo)[0];
  const answer = await call(`http://127.0.0.1:${usedPort}/api/validate-embed-token`, { method: "POST", json: { embed_token: token }, headers: { origin: `http://127.0.0.1:${usedPort + 1}` } });
  assert.equal(answer.status, 200, answer.text);
  return token;
}

test("first use prints the portal's address and the owner's password, and the customer's site works", async () => {
  await serving(port, async (printed) => {
    assert.ok(printed.includes(`http://127.0.0.1:${port}/portal/`), printed);
    assert.match(printed, /Password +\S{20}/);
    assert.match(printed, /owner@example\.com/);
    await demoWorks(port);
    assert.equal((await call(`http://127.0.0.1:${port}/portal/login`)).status, 200);
    assert.equal((await call(`http://127.0.0.1:${port + 1}/`)).status, 200);
  });
});

test("the same data on another port: links follow, the demo token fits, a revoked one is replaced", async () => {
  const other = await freePortPair();
  let token;
  await serving(other, async (printed) => {
    assert.doesNotMatch(printed, /Password +\S{20}/, "only once");
    token = await demoWorks(other);
    assert.match((await call(`http://127.0.0.1:${other}/portal/`)).headers.get("location"), new RegExp(`^http://127\\.0\\.0\\.1:${other}/`));
  });
  const ctl = (...args) => JSON.parse(spawnSync(path.join(env.BUILD, "bin/embedctl"), ["--data", data, "--json", ...args], { encoding: "utf8" }).stdout);
  for (const t of ctl("token", "list")) ctl("token", "revoke", t.id);
  await serving(other, async () => assert.notEqual(await demoWorks(other), token));
});

test("what cannot start says in one sentence what to do", async () => {
  assert.match(refused(data, "x"), /PORT must be a number/);
  assert.match(refused(data, "65535"), /PORT must be 1 to 65534/);
  assert.match(refused("/proc/nothing/here", String(port)), /cannot be written\. Make it yours/);
  const taken = net.createServer().listen(port + 1, "127.0.0.1");
  await new Promise((r) => taken.once("listening", r));
  assert.match(refused(data, String(port)), new RegExp(`Port ${port + 1} is in use`));
  await new Promise((r) => taken.close(r));
  const key = path.join(data, "master.key"), kept = fs.readFileSync(key);
  fs.chmodSync(key, 0o644);
  assert.match(refused(data, String(port)), /chmod 600/);
  fs.chmodSync(key, 0o600);
  fs.writeFileSync(key, "1 c2hvcnQ\n");
  assert.match(refused(data, String(port)), /master\.key/);
  fs.rmSync(key);
  assert.match(refused(data, String(port)), /master\.key/);
  fs.writeFileSync(key, kept, { mode: 0o600 });
  fs.appendFileSync(path.join(data, "embedgate.conf"), "publik_url = x\n");
  assert.match(refused(data, String(port)), /embedgate\.conf:\d+: .*publik_url/);
});
