// The official client against batchd-sim in the likeness of Azure: in its v1 form, and in the one with an api-version.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import OpenAI, { AzureOpenAI, toFile } from 'openai';

const baseURL = process.env.SIM_BASE_URL;
const hasApiVersion = process.env.SIM_LIKE === 'azure-api-version';
const apiVersion = '2024-10-21';

function makeClient(apiKey) {
  const options = { apiKey, maxRetries: 0 };
  return hasApiVersion
    ? new AzureOpenAI({ ...options, endpoint: new URL(baseURL).origin, apiVersion })
    : new OpenAI({ ...options, baseURL });
}

const client = makeClient('sk-sim');

async function admin(path, body) {
  const response = await fetch(new URL(`/admin/${path}`, baseURL), { method: 'POST', body: JSON.stringify(body) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const advance = (seconds) => admin('clock', { advance_seconds: seconds });

function chatLine(customId, model = 'my-deployment') {
  const body = { model, messages: [{ role: 'user', content: `Say something about ${customId}` }] };
  return { custom_id: customId, method: 'POST', url: '/v1/chat/completions', body };
}

const chatLines = (count) => Array.from({ length: count }, (_, i) => chatLine(`row-${i + 1}`));

async function upload(lines, options = {}) {
  const text = lines.map((line) => JSON.stringify(line)).join('\n') + '\n';
  const file = await toFile(Buffer.from(text), 'input.jsonl', { type: 'application/json' });
  return client.files.create({ file, purpose: 'batch', ...options });
}

function create(fileId) {
  return client.batches.create({ input_file_id: fileId, endpoint: '/chat/completions', completion_window: '24h' });
}

async function createBatch(lines) {
  const file = await upload(lines);
  await advance(5);
  return create(file.id);
}

before(async () => {
  // The client reads a list under "data" only.
  await admin('settings', { validating: 10, in_progress: 60, list_field: 'data' });
});

test('no batch can be made of a file that is not processed', async () => {
  const file = await upload(chatLines(2));
  assert.match(file.id, /^file-[0-9a-f]{32}$/);
  assert.equal(file.status, 'pending');
  await assert.rejects(create(file.id), OpenAI.BadRequestError);
  await advance(5);
  assert.equal((await client.files.retrieve(file.id)).status, 'processed');
  assert.equal((await create(file.id)).status, 'validating');
});

test('a batch runs, and has an error file of no bytes where nothing failed', async () => {
  const created = await createBatch(chatLines(3));
  assert.match(created.id, /^batch_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(created.endpoint, null);
  await advance(70);
  const batch = await client.batches.retrieve(created.id);
  assert.equal(batch.status, 'completed');
  const output = await (await client.files.content(batch.output_file_id)).text();
  assert.equal(output.trimEnd().split('\n').length, 3);
  assert.equal(await (await client.files.content(batch.error_file_id)).text(), '');
});

test('a failed batch bears both files, and no time of failure', async () => {
  const { id } = await createBatch([chatLine('a'), chatLine('b', 'other-deployment')]);
  await advance(10);
  const batch = await client.batches.retrieve(id);
  assert.equal(batch.status, 'failed');
  assert.equal(batch.errors.data[0].code, 'model_mismatch');
  assert.equal(batch.failed_at, null);
  assert.ok(batch.completed_at > 0 && batch.output_file_id && batch.error_file_id);
});

test('too many enqueued tokens are told in words of its own', async () => {
  await admin('settings', { token_limits: { small: 30000 } });
  const { id } = await createBatch(Array.from({ length: 1000 }, (_, i) => chatLine(`row-${i}`, 'small')));
  await advance(10);
  const [error] = (await client.batches.retrieve(id)).errors.data;
  assert.equal(error.code, 'token_limit_exceeded');
  assert.match(error.message, /has surpassed the configured limit of 30K for the deployment 'small'/);
});

test('a file has an expiry of two weeks at least', async () => {
  const seconds = 14 * 86400;
  const file = await upload(chatLines(1), { expires_after: { anchor: 'created_at', seconds } });
  assert.equal(file.expires_at, file.created_at + seconds);
  await assert.rejects(upload(chatLines(1), { expires_after: { anchor: 'created_at', seconds: 3600 } }),
    OpenAI.BadRequestError);
});

test('listing pages through all batches', async () => {
  const { id } = await createBatch(chatLines(1));
  const ids = [];
  for await (const batch of client.batches.list({ limit: 2 })) ids.push(batch.id);
  assert.equal(ids[0], id);
  assert.equal(new Set(ids).size, ids.length);
});

test('a wrong key, a deployment in the path and a missing api-version lead nowhere', async () => {
  await assert.rejects(makeClient('wrong').batches.list(), OpenAI.AuthenticationError);
  const status = async (path) => (await fetch(new URL(path, baseURL), { headers: { 'api-key': 'sk-sim' } })).status;
  assert.equal(await status(`/openai/deployments/d/batches?api-version=${apiVersion}`), 404);
  assert.equal(await status('/openai/batches'), 404);
});
