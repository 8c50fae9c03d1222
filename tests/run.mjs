// SPDX-License-Identifier: GPL-3.0-or-later
// Run every test there is and end with one line "N passed, N failed".
//   node tests/run.mjs [PHASE...]        phases: units asan oracle lint http browser; without names all of them
// Whatever a phase prints is kept in build/test-logs/; of a failed one the end is shown here.
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const source = path.resolve(path.dirname(new URL(import.meta.url).pathname), "..");
const build = process.env.BUILD ?? "build";
const logs = path.resolve(source, build, "test-logs");
fs.mkdirSync(logs, { recursive: true });

const testFiles = (folder) => fs.readdirSync(path.join(source, "tests", folder)).filter((f) => f.endsWith(".test.mjs")).sort()
  .map((f) => path.join("tests", folder, f));
const unitFiles = (folder) => fs.existsSync(folder)
  ? fs.readdirSync(folder, { recursive: true }).filter((f) => f.endsWith("_test")).sort().map((f) => path.join(folder, f)) : [];
// Two at a time: the machine this must be quick on has two cores.
const node = (files, env = {}) => ({ command: process.execPath, args: ["--test", "--test-reporter=tap", "--test-concurrency=2", ...files], env });

const phases = {
  units: () => unitFiles(path.resolve(source, build, "tests")).map((f) => ({ name: path.relative(path.resolve(source, build, "tests"), f), command: f })),
  asan: () => unitFiles(path.resolve(source, build, "asan/tests")).map((f) => ({ name: path.relative(path.resolve(source, build), f), command: f })),
  oracle: () => [{ name: "oracle of the templates", ...node(testFiles("web")) }],
  lint: () => ["lint", "layers"].map((target) => ({ name: `make ${target}`, command: "make", args: ["--no-print-directory", target], single: true })),
  http: () => ["lighttpd", "apache"].map((server) => ({ name: `http behind ${server}`, ...node(testFiles("http"), { SERVER: server }) })),
  browser: () => [{ name: "browser", ...node(testFiles("browser"), { SERVER: "lighttpd" }) }],
};

function run({ name, command, args = [], env = {}, single = false }) {
  return new Promise((resolve) => {
    const log = path.join(logs, name.replace(/[^\w.-]+/g, "_") + ".log");
    const child = spawn(command, args, { cwd: source, env: { ...process.env, CMOCKA_MESSAGE_OUTPUT: "TAP", BUILD: build, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    child.stdout.on("data", (d) => { text += d; });
    child.stderr.on("data", (d) => { text += d; });
    child.on("error", (e) => resolve({ passed: 0, failed: 1, text: String(e), log }));
    child.on("close", (code, signal) => {
      fs.writeFileSync(log, text);
      let passed = 0, failed = 0;
      if (single) {
        passed = code === 0 ? 1 : 0;
        failed = 1 - passed;
      } else {
        const summary = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(text)?.[1] ?? NaN);
        if (!Number.isNaN(summary("pass"))) {
          passed = summary("pass");
          failed = summary("fail") + summary("cancelled");
        } else {
          passed = (text.match(/^ok /gm) ?? []).length;
          failed = (text.match(/^not ok (?!\d+ # SKIP)/gm) ?? []).length;
        }
        // Died, was killed, or ran nothing: a failure that no line told of.
        if (failed === 0 && (code !== 0 || signal || passed === 0)) failed = 1;
      }
      resolve({ passed, failed, text, log });
    });
  });
}

function failures(text) {
  const lines = text.split("\n");
  const at = lines.findIndex((l) => /^\s*not ok (?!\d+ # SKIP)/.test(l));
  return (at < 0 ? lines.slice(-40) : lines.slice(Math.max(0, at - 5), at + 60)).join("\n");
}

let passed = 0, failed = 0;
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(phases);
for (const phase of wanted) {
  const jobs = phases[phase]?.();
  if (!jobs) throw new Error(`no phase ${phase}`);
  if (jobs.length === 0) {
    console.log(`FAIL ${phase}: there is nothing to run`);
    failed++;
  }
  for (const job of jobs) {
    const started = Date.now();
    const result = await run(job);
    passed += result.passed;
    failed += result.failed;
    console.log(`${result.failed ? "FAIL" : "ok  "} ${job.name}: ${result.passed} passed, ${result.failed} failed (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (result.failed) console.log(`${failures(result.text)}\n  (all of it: ${path.relative(source, result.log)})`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
