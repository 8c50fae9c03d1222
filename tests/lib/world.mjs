// SPDX-License-Identifier: GPL-3.0-or-later
// Every credential there is, and things for them to reach: own, a sibling customer's, another partner's.
import fs from "node:fs";
import path from "node:path";
import { createHmac } from "node:crypto";
import { call } from "./site.mjs";

const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

// The key that sessions are signed with: HKDF-Expand (RFC 5869) with SHA-256, one block, from the newest line of master.key.
export function derivedKey(site, label) {
  const lines = fs.readFileSync(path.join(site.data, "master.key"), "utf8").split("\n").filter((l) => /^\d/.test(l));
  const [, text] = lines.sort((a, b) => parseInt(b) - parseInt(a))[0].split(" ");
  return createHmac("sha256", Buffer.from(text.trim(), "base64url")).update("embedgate " + label).update(Buffer.from([1])).digest();
}

const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });

// A credential of the right shape and checksum that nobody made: one bit of its secret is another.
export function forge(text) {
  const bytes = Buffer.from(text.slice(4), "base64url");
  bytes[bytes.length - 10] ^= 1;
  let crc = 0xffffffff;
  for (const b of Buffer.concat([Buffer.from(text.slice(0, 4)), bytes.subarray(0, -4)])) crc = crcTable[(crc ^ b) & 255] ^ (crc >>> 8);
  bytes.writeUInt32BE((crc ^ 0xffffffff) >>> 0, bytes.length - 4);
  return text.slice(0, 4) + bytes.toString("base64url");
}

export class World {
  static async make(site) {
    const w = new World();
    w.site = site;
    w.api = (p, options = {}) => call(site.base + "/api/v1" + p, { key: w.partnerKey, ...options });
    const [partner] = site.ctl("partner", "list");
    const other = site.ctl("partner", "create", "--name", "Other", "--email", "other@example.com");
    const otherId = (other.partner ?? other).id ?? site.ctl("partner", "list").find((p) => p.name === "Other").id;
    const ctl = (...args) => site.ctl("--partner", partner.id, ...args);
    const key = (type, ...args) => ctl("key", "create", "--type", type, "--name", type, ...args);
    w.partnerKey = key("partner").key;
    w.customer = ctl("customer", "create", "--name", "Own");
    w.sibling = ctl("customer", "create", "--name", "Sibling");
    w.host = ctl("customer", "create", "--name", "Host of the embed credentials");
    const foreignKey = site.ctl("--partner", otherId, "key", "create", "--type", "partner", "--name", "Foreign").key;

    const soon = () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000).toISOString();
    const token = async (fields = {}) => (await w.api("/embed-tokens", { method: "POST", json: { customer_id: w.host.id, name: "Credential", ...fields } })).json.data;
    const session = async (t) => (await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: t } })).json.auth_token;
    const living = await token();
    const revoked = await token();
    const revokedSession = await session(revoked.token);
    await w.api(`/embed-tokens/${revoked.id}`, { method: "DELETE" });
    const expired = await token({ expires_at: soon() });
    const expiredKey = (await w.api("/api-keys", { method: "POST", json: { type: "partner", name: "Expired", expires_at: soon() } })).json.data;
    const rotated = (await w.api("/api-keys", { method: "POST", json: { type: "partner", name: "Rotated" } })).json.data;
    await w.api(`/api-keys/${rotated.id}/rotate`, { method: "POST", json: { overlap_seconds: 0 } });
    const revokedKey = key("partner");
    await w.api(`/api-keys/${revokedKey.id}`, { method: "DELETE" });
    const agent_id = await w.make("agent", w.host);
    const login = async (api_key) => (await call(site.base + "/user/v1/embedded/login/", { method: "POST", json: { api_key, agent_id } })).json;
    const agentLogin = await login(w.partnerKey);
    const leavingKey = key("partner");
    const goneLogin = await login(leavingKey.key);
    await w.api(`/api-keys/${leavingKey.id}`, { method: "DELETE" });
    const emu = (await w.api(`/embed-tokens/${living.id}/url`)).json.data.url.split("#")[1];

    // What each is: `kind` decides at which doors it opens, `code` what it gets where it is of the right kind and yet no good.
    w.credentials = {
      none: { kind: "none" },
      malformed: { text: "hello", kind: "malformed" },
      partner: { text: w.partnerKey, kind: "key", type: "partner" },
      customer: { text: key("customer", "--customer", w.customer.id).key, kind: "key", type: "customer", sees: "own" },
      sibling: { text: key("customer", "--customer", w.sibling.id).key, kind: "key", type: "customer", sees: "nothing" },
      foreign: { text: foreignKey, kind: "key", type: "partner", sees: "nothing" },
      readOnly: { text: key("read_only").key, kind: "key", type: "read_only" },
      readOnlyOfSibling: { text: key("read_only", "--customer", w.sibling.id).key, kind: "key", type: "read_only", sees: "nothing" },
      webhook: { text: key("webhook").key, kind: "key", type: "webhook" },
      expiredKey: { text: expiredKey.key, kind: "key", code: "token_expired" },
      revokedKey: { text: revokedKey.key, kind: "key", code: "token_revoked" },
      rotatedKey: { text: rotated.key, kind: "key", code: "token_rotated" },
      forgedKey: { text: forge(w.partnerKey), kind: "key", code: "invalid_token" },
      emb: { text: living.token, kind: "emb" },
      emu: { text: emu, kind: "emu" },
      session: { text: await session(living.token), kind: "session" },
      expiredToken: { text: expired.token, kind: "emb", code: "token_expired" },
      revokedToken: { text: revoked.token, kind: "emb", code: "token_revoked" },
      forgedToken: { text: forge(living.token), kind: "emb", code: "invalid_token" },
      revokedSession: { text: revokedSession, kind: "session", code: "session_revoked" },
      access: { text: agentLogin.access, kind: "access" },
      refresh: { text: agentLogin.refresh, kind: "refresh" },
      revokedAccess: { text: goneLogin.access, kind: "access", code: "session_revoked" },
      forgedSession: { text: revokedSession.slice(0, -4) + "AAAA", kind: "session", code: "session_invalid" },
    };
    w.living = living;
    await sleep(2100);
    return w;
  }

  async make(what, customer = this.customer) {
    const post = async (p, json) => (await this.api(p, { method: "POST", json })).json.data;
    if (what === "token") return (await post("/embed-tokens", { customer_id: customer.id, name: "Target" })).id;
    if (what === "key") return (await post("/api-keys", { type: "customer", customer_id: customer.id, name: "Target" })).id;
    if (what === "customer") return (await post("/users", { name: "Target" })).id;
    if (what === "agent") return (await post("/agents", { customer_id: customer.id, name: "Target" })).number;
    throw new Error(`nothing makes a ${what}`);
  }
}
