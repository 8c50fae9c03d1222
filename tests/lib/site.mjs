// SPDX-License-Identifier: GPL-3.0-or-later
// One embedgate with its own data, behind a real web server on loopback, for the tests of one file.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { Contract } from "./contract.mjs";

const source = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const build = path.resolve(source, process.env.BUILD ?? "build");

// Apache does not serve as root, and a server of root's is not what anybody runs: as root everything below belongs to
// www-data, in a copy of what would be installed (the source tree may be closed to others).
const serverUser = process.getuid() === 0
  ? { uid: Number(execFileSync("id", ["-u", "www-data"])), gid: Number(execFileSync("id", ["-g", "www-data"])) }
  : {};

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export async function freePortPair() {
  for (;;) {
    const port = await freePort();
    const next = net.createServer();
    const free = await new Promise((resolve) => {
      next.once("error", () => resolve(false));
      next.listen(port + 1, "127.0.0.1", () => next.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

function stage(root) {
  for (const folder of ["static", "lighttpd-conf", "apache-conf"]) {
    fs.cpSync(path.join(source, folder), path.join(root, folder), { recursive: true });
  }
  fs.cpSync(path.join(build, "cgi-bin"), path.join(root, "build/cgi-bin"), { recursive: true, filter: (f) => !f.endsWith(".o") && !f.endsWith(".d") });
}

function giveTo(folder, user) {
  if (user.uid !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
}

// The OpenAPI document of each site, by its address: call() holds every answer against it.
const contracts = new Map();

export class Site {
  // kind: "lighttpd" or "apache"; config: lines for embedgate.conf instead of its defaults.
  static async start({ kind = process.env.SERVER ?? "lighttpd", config = {}, workers = 2, siteFiles = {} } = {}) {
    const site = new Site();
    site.kind = kind;
    site.root = fs.mkdtempSync(path.join(os.tmpdir(), "embedgate-test-"));
    site.data = path.join(site.root, "data");
    site.port = await freePortPair();
    site.base = `http://127.0.0.1:${site.port}`;
    site.customerSite = `http://127.0.0.1:${site.port + 1}`;
    site.otherSite = `http://localhost:${site.port + 1}`;
    fs.chmodSync(site.root, 0o755);
    stage(site.root);
    site.owner = { email: "owner@partner.example", password: "correct horse battery" };
    const passwordFile = path.join(site.root, "password");
    fs.writeFileSync(passwordFile, site.owner.password + "\n");
    execFileSync(path.join(build, "bin/embedctl"), ["--data", site.data, "init", "--partner", "Example Partner", "--email", site.owner.email,
      "--password-file", passwordFile, "--public-url", site.base], { stdio: ["ignore", "pipe", "inherit"] });
    site.configure(config);
    fs.mkdirSync(path.join(site.data, "site"), { mode: 0o755 });
    for (const [name, text] of Object.entries(siteFiles)) fs.writeFileSync(path.join(site.data, "site", name), text);
    giveTo(site.root, serverUser);
    site.workers = workers;
    await site.serve();
    const contract = await Contract.of(site.base);
    contract.unlimited = config.rate_limit === "off";
    contracts.set(site.base, contract);
    return site;
  }

  // Replace or add `key = value` lines in the configuration file.
  configure(values) {
    const file = path.join(this.data, "embedgate.conf");
    let text = fs.readFileSync(file, "utf8");
    for (const [key, value] of Object.entries(values)) {
      const line = new RegExp(`^[#;]?\\s*${key}\\s*=.*$`, "m");
      if (!line.test(text)) throw new Error(`embedgate.conf names no key ${key}`);
      text = text.replace(line, `${key} = ${value}`);
    }
    fs.writeFileSync(file, text);
  }

  async serve() {
    this.process = spawn(path.join(this.root, `${this.kind}-conf/serve-dev`), [this.data, String(this.port)], {
      ...serverUser,
      env: { ...process.env, BUILD: path.join(this.root, "build"), WORKERS: String(this.workers), TMPDIR: this.root },
      stdio: ["ignore", "ignore", "inherit"],
      detached: true,
    });
    this.process.once("exit", (code) => { this.exited = code ?? 1; });
    for (let tries = 0; tries < 200; tries++) {
      if (this.exited !== undefined) throw new Error(`${this.kind} ended with ${this.exited}: ${this.log("server.log")} ${this.log("programs.log")}`);
      try {
        if ((await fetch(this.base + "/readyz")).ok) return;
      } catch { /* not up yet */ }
      await new Promise((r) => setTimeout(r, 50));
    }
    throw new Error(`${this.kind} did not answer: ${this.log("server.log")} ${this.log("programs.log")}`);
  }

  log(name) {
    try {
      return fs.readFileSync(path.join(this.data, "run", name), "utf8");
    } catch {
      return "";
    }
  }

  // Put a page on the customer's own website; returns its path.
  page(name, text) {
    fs.writeFileSync(path.join(this.data, "site", name), text, { mode: 0o644 });
    return "/" + name;
  }

  // embedctl ... --json, parsed.
  ctl(...args) {
    const input = typeof args.at(-1) === "object" ? args.pop().input : undefined;
    return JSON.parse(execFileSync(path.join(build, "bin/embedctl"), ["--data", this.data, "--json", ...args], { encoding: "utf8", input, stdio: ["pipe", "pipe", "inherit"] }));
  }

  // The pids of the workers of a program.
  pids(program) {
    const found = [];
    for (const pid of fs.readdirSync("/proc").filter((n) => /^\d+$/.test(n))) {
      try {
        if (fs.readlinkSync(`/proc/${pid}/exe`) === path.join(this.root, `build/cgi-bin/${program}.fcgi`)) found.push(Number(pid));
      } catch { /* gone, or not ours */ }
    }
    return found;
  }

  async halt() {
    if (this.exited !== undefined) return;
    const ended = new Promise((r) => this.process.once("exit", r));
    try {
      process.kill(-this.process.pid, "SIGTERM");
    } catch { /* gone */ }
    await Promise.race([ended, new Promise((r) => setTimeout(r, 5000))]);
    try {
      process.kill(-this.process.pid, "SIGKILL");
    } catch { /* gone */ }
    this.exited = undefined;
  }

  async stop() {
    await this.halt();
    if (!process.env.KEEP) fs.rmSync(this.root, { recursive: true, force: true });
  }
}

// fetch() that gives status, headers and the body both as text and, where it is JSON, parsed. Redirects are not followed.
export async function call(url, { method = "GET", headers = {}, json, form, body, key, bearer } = {}) {
  const init = { method, headers: { ...headers }, redirect: "manual", body };
  if (json !== undefined) {
    init.body = typeof json === "string" ? json : JSON.stringify(json);
    init.headers["content-type"] ??= "application/json";
  }
  if (form !== undefined) {
    init.body = new URLSearchParams(form).toString();
    init.headers["content-type"] = "application/x-www-form-urlencoded";
  }
  if (key) init.headers["x-api-key"] = key;
  if (bearer) init.headers.authorization = `Bearer ${bearer}`;
  const response = await fetch(url, init);
  const text = await response.text();
  let parsed;
  if (/\bjson\b/.test(response.headers.get("content-type") ?? "")) parsed = JSON.parse(text);
  const answer = { status: response.status, headers: response.headers, text, json: parsed };
  const override = new Headers(init.headers).get("x-http-method-override");
  contracts.get(new URL(url).origin)?.check(method === "POST" && override ? override.toUpperCase() : method, url, answer);
  return answer;
}
