// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions against npm's jose: what we sign it verifies, what it signs as we do we take, and nothing else. T3, T4, A7.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { SignJWT, UnsecuredJWT, decodeProtectedHeader, jwtVerify } from "jose";
import { Site, call } from "../lib/site.mjs";
import { derivedKey } from "../lib/world.mjs";

let site, secret, session, claims;
const me = (bearer) => call(site.base + "/api/v1/embed/me", { bearer });
const now = () => Math.floor(Date.now() / 1000);
const header = { alg: "HS256", typ: "JWT" };
// In the order of `h`: jose writes the header as it gets it.
const sign = (c, { h = header, key = secret } = {}) => new SignJWT(c).setProtectedHeader(h).sign(key);
const b64 = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const byHand = (h, c, key = secret) => { const text = `${b64(h)}.${b64(c)}`; return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`; };

before(async () => {
  site = await Site.start({ config: { rate_limit: "off" } });
  const customer = site.ctl("customer", "create", "--name", "Acme");
  const token = site.ctl("token", "create", "--customer", customer.id, "--name", "T").token;
  session = (await call(site.base + "/api/validate-embed-token", { method: "POST", json: { embed_token: token } })).json.auth_token;
  secret = derivedKey(site, "jwt session");
  claims = (await jwtVerify(session, secret)).payload;
});
after(() => site?.stop());

test("what we sign jose verifies, with the one header", async () => {
  const { payload, protectedHeader } = await jwtVerify(session, secret, { audience: "embedgate:session", algorithms: ["HS256"], typ: "JWT" });
  assert.deepEqual(protectedHeader, header);
  assert.equal(Buffer.from(session.split(".")[0], "base64url").toString(), '{"alg":"HS256","typ":"JWT"}');
  assert.equal(payload.exp - payload.iat, 900);
  assert.ok(Math.abs(payload.iat - now()) < 10);
  for (const label of ["jwt agent access", "jwt agent refresh"]) await assert.rejects(jwtVerify(session, derivedKey(site, label)), /signature/);
});

test("what jose signs in our name we take, a thousand of them", async () => {
  assert.equal((await me(await sign(claims))).status, 200);
  for (let i = 0; i < 1000; i += 25) {
    const texts = await Promise.all(Array.from({ length: 25 }, (_, k) => sign({ ...claims, iat: now() - (i + k), exp: now() + 1 + i + k, extra: "x".repeat(i % 300) })));
    const answers = await Promise.all(texts.map(me));
    for (const [k, answer] of answers.entries()) assert.equal(answer.status, 200, texts[k]);
  }
});

test("the edges of time are jose's, and ours", async () => {
  const cases = [
    [{ exp: now() }, "session_expired"], [{ exp: now() - 1 }, "session_expired"], [{ exp: now() + 5 }, undefined],
    [{ iat: now() + 40 }, undefined], [{ iat: now() + 90, exp: now() + 900 }, "session_not_yet_valid"],
  ];
  for (const [change, code] of cases) {
    const text = await sign({ ...claims, ...change });
    assert.equal((await me(text)).json.code, code, JSON.stringify(change));
    const verified = await jwtVerify(text, secret).then(() => true, () => false);
    if (change.exp !== undefined && change.iat === undefined) assert.equal(verified, code === undefined, JSON.stringify(change));
  }
});

test("T3 T4: everything else is session_invalid, whatever its header says", async () => {
  const [h, c, s] = session.split(".");
  const others = {
    "alg none": new UnsecuredJWT(claims).encode(),
    "alg none, our header": `${h}.${c}.`,
    "alg HS512": await sign(claims, { h: { alg: "HS512", typ: "JWT" }, key: Buffer.concat([secret, secret]) }),
    "alg HS384": await sign(claims, { h: { alg: "HS384", typ: "JWT" }, key: Buffer.concat([secret, secret]) }),
    "alg in lower case": byHand({ alg: "hs256", typ: "JWT" }, claims),
    "no typ": await sign(claims, { h: { alg: "HS256" } }),
    "typ first": byHand({ typ: "JWT", alg: "HS256" }, claims),
    "a kid": await sign(claims, { h: { ...header, kid: "../../master.key" } }),
    "a jwk": byHand({ ...header, jwk: { kty: "oct", k: b64("x".repeat(32)) } }, claims, "x".repeat(32)),
    "crit": byHand({ ...header, crit: ["exp"] }, claims),
    "b64 false": byHand({ ...header, b64: false, crit: ["b64"] }, claims),
    "a header with spaces": byHand('{"alg": "HS256","typ":"JWT"}', claims),
    "another key": await sign(claims, { key: Buffer.alloc(32) }),
    "the key of another purpose": await sign(claims, { key: derivedKey(site, "jwt agent access") }),
    "a key derived for nothing": await sign(claims, { key: derivedKey(site, "") }),
    "another audience": await sign({ ...claims, aud: "embedgate:agent-access" }),
    "audiences": await sign({ ...claims, aud: ["embedgate:session"] }),
    "no audience": await sign({ ...claims, aud: undefined }),
    "no exp": await sign({ ...claims, exp: undefined }),
    "no iat": await sign({ ...claims, iat: undefined }),
    "exp as text": byHand(header, { ...claims, exp: String(claims.exp) }),
    "exp not whole": byHand(header, { ...claims, exp: claims.exp + 0.5 }),
    "no issue": await sign({ ...claims, gen: undefined }),
    "claims that are no object": byHand(header, "[]"),
    "a claim twice": byHand(header, JSON.stringify(claims).replace("{", `{"exp":${claims.exp},`)),
    "padding": `${h}.${c}.${s}=`,
    "base64 of the other alphabet": byHand(header, { ...claims, x: "??>>" }).replace(/[-_]/, (x) => (x === "-" ? "+" : "/")),
    "a signature cut short": session.slice(0, -1),
    "a last letter whose spare bits are set": session.slice(0, -1) + String.fromCharCode(session.charCodeAt(session.length - 1) + 1),
    "no signature": `${h}.${c}.`,
  };
  for (const [name, text] of Object.entries(others)) {
    const answer = await me(text);
    assert.deepEqual([answer.status, answer.json.code], [401, "session_invalid"], `${name}: ${text}`);
  }
  assert.equal(decodeProtectedHeader(session).alg, "HS256");
});

test("claims of another token are judged by the store, not believed", async () => {
  assert.equal((await me(await sign({ ...claims, tid: "01990000-0000-7000-8000-000000000000" }))).status, 503, "genuine, and its record is gone: damage");
  assert.equal((await me(await sign({ ...claims, gen: "AAAAAAA" }))).json.code, "session_revoked");
});
