// Holds answers against the published OpenAPI document (../openapi.yaml).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';

// What an empty list says is not known; null is what we send.
const NULL_IN_EMPTY_LISTS = { ListFilesResponse: ['first_id', 'last_id'], ListBatchesResponse: ['first_id', 'last_id'] };
// Closed, so that a field which the service does not have is found too.
const CLOSED = ['Batch', 'OpenAIFile', 'DeleteFileResponse', 'ListBatchesResponse', 'ListFilesResponse', 'BatchError'];

const ROUTES = [
  ['POST', /^\/v1\/files$/, 'OpenAIFile'],
  ['GET', /^\/v1\/files$/, 'ListFilesResponse'],
  ['GET', /^\/v1\/files\/[^/]+$/, 'OpenAIFile'],
  ['DELETE', /^\/v1\/files\/[^/]+$/, 'DeleteFileResponse'],
  ['POST', /^\/v1\/batches$/, 'Batch'],
  ['GET', /^\/v1\/batches$/, 'ListBatchesResponse'],
  ['GET', /^\/v1\/batches\/[^/]+$/, 'Batch'],
  ['POST', /^\/v1\/batches\/[^/]+\/cancel$/, 'Batch'],
];

function allowNull(schemas, fieldsBySchema) {
  for (const [name, fields] of Object.entries(fieldsBySchema)) {
    if (!Array.isArray(fields)) continue; // the note beside them
    for (const field of fields) {
      const { properties } = schemas[name];
      properties[field] = { anyOf: [properties[field], { type: 'null' }] };
    }
  }
}

// `nullable: true` is how OpenAPI 3.0 said what 3.1 says with a type.
function modernise(schema) {
  if (typeof schema !== 'object' || schema === null) return;
  if (schema.nullable && typeof schema.type === 'string') schema.type = [schema.type, 'null'];
  Object.values(schema).forEach(modernise);
}

export class Specification {
  constructor(path) {
    const document = parse(readFileSync(path, 'utf8'));
    const { schemas } = document.components;
    allowNull(schemas, document['x-wire-nullable']);
    allowNull(schemas, NULL_IN_EMPTY_LISTS);
    for (const name of CLOSED) schemas[name].additionalProperties = false;
    modernise(schemas);
    this.ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    this.ajv.addSchema({ $id: 'openapi', components: document.components });
    this.checked = 0;
  }

  check(name, value) {
    const validate = this.ajv.getSchema(`openapi#/components/schemas/${name}`);
    assert.ok(validate(value), `${name}: ${this.ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
    this.checked += 1;
  }

  /** The schema of the answer to a request; nothing for one that is no JSON. */
  schemaOf(method, path, status) {
    if (status >= 400) return 'ErrorResponse';
    return ROUTES.find(([m, pattern]) => m === method && pattern.test(path))?.[2];
  }

  /** A fetch for the client that checks whatever comes back. */
  fetch() {
    return async (url, init = {}) => {
      const response = await fetch(url, init);
      const name = this.schemaOf((init.method ?? 'GET').toUpperCase(), new URL(url).pathname, response.status);
      if (name) this.check(name, await response.clone().json());
      return response;
    };
  }
}
