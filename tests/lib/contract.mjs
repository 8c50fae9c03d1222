// SPDX-License-Identifier: GPL-3.0-or-later
// Every answer of the API against its own OpenAPI document: status, media type, and a body in which nothing is missing,
// nothing is of another type, and nothing stands that the document does not know of.
import assert from "node:assert/strict";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

// Clients must bear further members; our own tests must not.
function tighten(schema) {
  if (Array.isArray(schema)) return schema.forEach(tighten);
  if (schema === null || typeof schema !== "object") return;
  if (schema.properties && schema.additionalProperties === undefined) schema.additionalProperties = false;
  for (const part of Object.values(schema)) tighten(part);
}

export class Contract {
  constructor(document) {
    this.document = structuredClone(document);
    tighten(this.document.components.schemas);
    tighten(this.document.paths);
    this.ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(this.ajv);
    this.ajv.addSchema(this.document, "api");
    this.validators = new Map();
    this.paths = Object.keys(document.paths).map((template) => ({
      template, pattern: new RegExp("^" + template.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{[^}]+\}/g, "[^/]{1,300}") + "$"),
    }));
    this.codes = new Map(this.document.components.schemas.Problem.properties.code["x-codes"].map((c) => [c.code, c.status]));
  }

  static async of(base) {
    const answer = await fetch(base + "/api/v1/openapi.json");
    assert.equal(answer.status, 200);
    return new Contract(await answer.json());
  }

  // The operation that a request was for; undefined where the document has none.
  operation(method, pathname) {
    const exact = this.document.paths[pathname];
    const path = exact ?? this.document.paths[this.paths.find((p) => p.pattern.test(pathname))?.template];
    return path?.[method.toLowerCase()];
  }

  validate(pointer, body, what) {
    if (!this.validators.has(pointer)) this.validators.set(pointer, this.ajv.compile({ $ref: `api#${pointer}` }));
    const validator = this.validators.get(pointer);
    assert.ok(validator(body), `${what}: ${this.ajv.errorsText(validator.errors)}: ${JSON.stringify(body)}`);
  }

  problem(answer, what) {
    this.validate("/components/schemas/Problem", answer.json, what);
    assert.equal(answer.json.status, answer.status, what);
    const usual = this.codes.get(answer.json.code);
    // The agent login has its source's 400 for it.
    if (!(answer.json.code === "validation_failed" && answer.status === 400 && what.includes("/user/v1/embedded/"))) assert.equal(usual, answer.status, `${what}: ${answer.json.code}`);
    assert.equal(answer.json.request_id, answer.headers.get("x-request-id"), what);
    assert.equal(answer.json.errors !== undefined, usual === 422, what);
  }

  // `answer` is what call() gives.
  check(method, url, answer) {
    const { pathname } = new URL(url);
    if (method === "HEAD" || method === "OPTIONS") return;
    const operation = this.operation(method, pathname);
    if (!operation && !/^\/(api|user)\//.test(pathname)) return;
    const what = `${method} ${pathname} ${answer.status}`;
    const type = answer.headers.get("content-type")?.split(";")[0];
    // HTML is the web server's own word, where no program answered: the API has none.
    if (answer.status >= 500 && type === "text/html") return;
    for (const [name, value] of [["x-content-type-options", "nosniff"], ["cache-control", "no-store"]]) assert.equal(answer.headers.get(name), value, `${what}: ${name}`);
    assert.match(answer.headers.get("content-security-policy"), /frame-ancestors 'none'/, what);
    if (!operation) {
      assert.ok([404, 405].includes(answer.status), what);
      return this.problem(answer, what);
    }
    let response = operation.responses[answer.status];
    assert.ok(response, `${what}: this status is not documented`);
    if (response.$ref) response = this.document.components.responses[response.$ref.split("/").at(-1)];
    assert.ok(response.content[type], `${what}: ${type} is not documented`);
    if (type === "application/problem+json") return this.problem(answer, what);
    if (type !== "application/json") return;
    const escape = (part) => part.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");
    const template = this.document.paths[pathname] ? pathname : this.paths.find((p) => p.pattern.test(pathname)).template;
    this.validate(`/paths/${escape(template)}/${method.toLowerCase()}/responses/${answer.status}/content/application~1json/schema`, answer.json, what);
    for (const name of ["ratelimit", "ratelimit-policy"]) {
      if (response.headers?.["RateLimit"] && !this.unlimited) assert.ok(answer.headers.get(name), `${what}: ${name}`);
    }
  }
}
