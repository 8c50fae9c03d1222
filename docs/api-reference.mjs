// SPDX-License-Identifier: GPL-3.0-or-later
// docs/api.md out of the OpenAPI document that the API serves.   node docs/api-reference.mjs BUILD   (make docs)
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const cell = (text) => (text ?? "").replaceAll("|", "\\|");

function typeOf(schema) {
  if (schema.$ref) return `[${schema.$ref.split("/").at(-1)}](#${schema.$ref.split("/").at(-1).toLowerCase()})`;
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  const types = [schema.type ?? "any"].flat();
  const bounds = [schema.minimum ?? schema.minLength ?? schema.minItems, schema.maximum ?? schema.maxLength ?? schema.maxItems];
  const main = types.filter((t) => t !== "null").map((t) => {
    if (t === "array") return `array of ${typeOf(schema.items)}`;
    if (schema.enum) return schema.enum.map((v) => `\`${v}\``).join(", ");
    return schema.format ?? t;
  }).join(" or ");
  const range = bounds[0] === undefined && bounds[1] === undefined ? "" : bounds[1] === undefined ? `, at least ${bounds[0]}` : `, ${bounds[0] ?? 0} to ${bounds[1]}`;
  return main + range + (types.includes("null") ? " or null" : "");
}

function fieldTable(rows) {
  return ["| name | type | |", "|---|---|---|", ...rows.map(([name, schema, required, about]) => `| \`${name}\`${required ? " (required)" : ""} | ${cell(typeOf(schema))} | ${cell(about)} |`), ""];
}

const members = (schema) => Object.entries(schema.properties ?? {}).map(([name, s]) => [name, s, schema.required?.includes(name), s.description]);

function answerOf(response) {
  const schema = Object.values(response.content)[0].schema;
  const data = schema.properties?.data;
  const csv = response.content["text/csv"] ? ", or as `text/csv` where `Accept` asks for it" : "";
  if (!schema.properties) return typeOf(schema) + csv;
  return `\`{"success": true, "data": …${schema.properties.pagination ? ', "pagination": …' : ""}}\` with ${typeOf(data)}${csv}`;
}

function operationText(method, template, operation) {
  const lines = [`### ${method.toUpperCase()} ${template}`, "", operation.summary + (operation.description ? ` ${operation.description}` : "") + (operation.deprecated ? " **Deprecated.**" : ""), ""];
  const query = (operation.parameters ?? []).filter((p) => p.in === "query");
  if (query.length > 0) lines.push("Query:", "", ...fieldTable(query.map((p) => [p.name, p.schema, p.required, p.description])));
  const body = operation.requestBody;
  if (body) {
    const [type, { schema }] = Object.entries(body.content)[0];
    const rows = members(schema.items ?? schema);
    lines.push(`Body: \`${type}\`${schema.items ? ", an array of objects" : ""}${rows.length === 0 ? (schema.additionalProperties === false ? ", may be left out" : ", an object") : ""}`, "", ...(rows.length ? fieldTable(rows) : []));
  }
  for (const [status, response] of Object.entries(operation.responses)) if (status < "300") lines.push(`Answers ${status}: ${answerOf(response)}.`, "");
  return lines;
}

// The whole page. The second prefix of the embed-token routes is told once, not repeated.
export function reference(document) {
  const lines = ["<!-- SPDX-License-Identifier: GPL-3.0-or-later -->", "<!-- Made by `make docs` from /api/v1/openapi.json; changes belong into the tables it is made from. -->", "",
    "# API reference", "", document.info.description, "",
    "The same as a document for machines, OpenAPI 3.1, is served at `/api/v1/openapi.json`. How to begin: [integrator.md](integrator.md).", "",
    "Keys are sent as `X-API-Key: KEY` or `Authorization: Bearer KEY`, embed tokens and sessions as `Authorization: Bearer`. Every `POST` with an API key takes an",
    "`Idempotency-Key`: the same request sent again within 24 hours gets the same answer and does nothing.", "",
    "Paths under `/api/v1/embed-tokens` are served under `/api/developer/v1/embed-tokens`, too.", ""];
  const byTag = new Map();
  for (const [template, path] of Object.entries(document.paths)) {
    if (template.startsWith("/api/developer/")) continue;
    for (const [method, operation] of Object.entries(path)) {
      const [tag] = operation.tags;
      byTag.set(tag, [...(byTag.get(tag) ?? []), ...operationText(method, template, operation)]);
    }
  }
  for (const [tag, text] of byTag) lines.push(`## ${tag}`, "", ...text);
  lines.push("## Objects", "");
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    if (!schema.properties) continue;
    lines.push(`### ${name}`, "", ...(schema.description ? [schema.description, ""] : []));
    lines.push(...["| name | type | |", "|---|---|---|"], ...members(schema).map(([n, s, always, about]) => `| \`${n}\` | ${cell(typeOf({ ...s, enum: n === "code" && s["x-codes"] ? undefined : s.enum }))} | ${cell(about)}${always ? "" : " Not always there."} |`), "");
  }
  lines.push("## Codes", "", "What `code` of a [Problem](#problem) may be.", "", "| status | code | | what to do |", "|---|---|---|---|",
    ...document.components.schemas.Problem.properties.code["x-codes"].map((c) => `| ${c.status} | \`${c.code}\` | ${cell(c.detail)} | ${cell(c.fix)} |`), "");
  return lines.join("\n");
}

// The document as the built program serves it, asked as plain CGI with an installation made for this.
function documentOf(build) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "embedgate-docs-"));
  try {
    const data = path.join(root, "data");
    execFileSync(path.join(build, "bin/embedctl"), ["--data", data, "init", "--partner", "Docs", "--email", "docs@example.com", "--public-url", "https://embedgate.example.com"], { stdio: ["ignore", "ignore", "inherit"] });
    const answer = execFileSync(path.join(build, "cgi-bin/api.fcgi"), {
      env: { EMBEDGATE_CONF: path.join(data, "embedgate.conf"), REQUEST_METHOD: "GET", REQUEST_URI: "/api/v1/openapi.json", REMOTE_ADDR: "127.0.0.1", HTTPS: "on" },
      encoding: "utf8", input: "",
    });
    return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
  } finally {
    fs.rmSync(root, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fs.writeFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), "api.md"), reference(documentOf(process.argv[2])));
}
