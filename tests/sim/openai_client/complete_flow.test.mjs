// The official client against batchd-sim, which run.sh has started: what it can't do is a fault of the simulation.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import OpenAI, { toFile } from 'openai';
import { Specification } from './specification.mjs';

const baseURL = process.env.SIM_BASE_URL;
const specification = new Specification(process.env.SIM_OPENAPI);
const client = new OpenAI({ baseURL, apiKey: 'sk-sim', maxRetries: 0, fetch: specification.fetch() });

async function admin(path, body, method = 'POST') {
  const response = await fetch(new URL(`/admin/${path}`, baseURL), { method, body: body && JSON.stringify(body) });
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
}

const advance = (seconds) => admin('clock', { advance_seconds: seconds });

function chatLine(customId, content = `Say something about ${customId}, please`) {
  const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content }] };
  return { custom_id: customId, method: 'POST', url: '/v1/chat/completions', body };
}

const chatLines = (count) => Array.from({ length: count }, (_, i) => chatLine(`row-${i + 1}`));

async function upload(lines, options = {}) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n') + '\n';
  return client.files.create({ file: await toFile(Buffer.from(text), 'input.jsonl'), purpose: 'batch', ...options });
}

async function createBatch(lines, options = {}) {
  const file = await upload(lines);
  return client.batches.create({
    input_file_id: file.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    ...options,
  });
}

async function rowsOf(fileId) {
  const text = await (await client.files.content(fileId)).text();
  assert.ok(text.endsWith('\n'));
  const rows = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  for (const row of rows) specification.check('BatchRequestOutput', row);
  return rows;
}

async function gather(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

beforeEach(async () => {
  await admin('faults', undefined, 'DELETE');
  await admin('settings', { validating: 10, in_progress: 60, finalizing: 5, cancelling: 600 });
});

after(() => assert.ok(specification.checked > 50, `only ${specification.checked} answers were checked`));

test('an uploaded file is described, found again and gives its bytes back', async () => {
  const file = await upload(chatLines(3));
  assert.equal(file.filename, 'input.jsonl');
  assert.equal(file.status, 'processed');
  assert.equal(file.expires_at, file.created_at + 2592000);
  assert.deepEqual(await client.files.retrieve(file.id), file);
  const text = await (await client.files.content(file.id)).text();
  assert.equal(Buffer.byteLength(text), file.bytes);
  assert.equal(text.trimEnd().split('\n').length, 3);
});

test('expires_after of a file is kept, and a wrong one refused', async () => {
  const file = await upload(chatLines(1), { expires_after: { anchor: 'created_at', seconds: 7200 } });
  assert.equal(file.expires_at, file.created_at + 7200);
  await assert.rejects(upload(chatLines(1), { expires_after: { anchor: 'created_at', seconds: 60 } }),
    OpenAI.BadRequestError);
});

test('a batch goes from validating to completed and delivers each row once', async () => {
  const metadata = { batchd_key: 'k-1', note: 'Grüße' };
  const created = await createBatch(chatLines(20), { metadata });
  assert.equal(created.status, 'validating');
  assert.deepEqual(created.metadata, metadata);
  assert.equal(created.expires_at, created.created_at + 86400);
  await advance(10);
  const running = await client.batches.retrieve(created.id);
  assert.equal(running.status, 'in_progress');
  assert.equal(running.request_counts.total, 20);
  await advance(60);
  assert.equal((await client.batches.retrieve(created.id)).status, 'finalizing');
  await advance(5);
  const batch = await client.batches.retrieve(created.id);
  assert.equal(batch.status, 'completed');
  assert.deepEqual(batch.request_counts, { total: 20, completed: 20, failed: 0 });
  assert.equal(batch.completed_at, created.created_at + 75);
  assert.equal(batch.error_file_id, null);
  const rows = await rowsOf(batch.output_file_id);
  assert.deepEqual(rows.map((row) => row.custom_id).sort(), chatLines(20).map((line) => line.custom_id).sort());
  for (const row of rows) {
    assert.equal(row.response.status_code, 200);
    assert.match(row.response.body.choices[0].message.content, new RegExp(`about ${row.custom_id},`));
  }
  const spent = rows.reduce((sum, row) => sum + row.response.body.usage.total_tokens, 0);
  assert.equal(batch.usage.total_tokens, spent);
});

test('rows that fail are in the error file', async () => {
  await admin('faults', { rows: [{ match: 'row-2', status: 400 }, { match: 'row-3', kind: 'timeout' }] });
  const { id } = await createBatch(chatLines(4));
  await advance(75);
  const batch = await client.batches.retrieve(id);
  assert.deepEqual(batch.request_counts, { total: 4, completed: 2, failed: 2 });
  const errors = Object.fromEntries((await rowsOf(batch.error_file_id)).map((row) => [row.custom_id, row]));
  assert.equal(errors['row-2'].response.status_code, 400);
  assert.equal(errors['row-3'].error.code, 'request_timeout');
});

test('a file that breaks the rules fails in validation with a line for each', async () => {
  const lines = [chatLine('a'), '{"custom_id": ', chatLine('a'), { ...chatLine('d'), url: '/v1/embeddings' }];
  const { id } = await createBatch(lines);
  await advance(10);
  const batch = await client.batches.retrieve(id);
  assert.equal(batch.status, 'failed');
  assert.deepEqual(batch.errors.data.map((entry) => [entry.code, entry.line]),
    [['invalid_json_line', 2], ['duplicate_custom_id', 3], ['invalid_url', 4]]);
});

test('a batch of a file that is not there fails', async () => {
  const { id } = await client.batches.create(
    { input_file_id: 'file-none', endpoint: '/v1/chat/completions', completion_window: '24h' });
  await advance(10);
  const batch = await client.batches.retrieve(id);
  assert.equal(batch.status, 'failed');
  assert.equal(batch.errors.data[0].param, 'file_id');
});

test('listing pages through all batches, newest first', async () => {
  const created = [];
  for (let i = 0; i < 7; i += 1) created.push((await createBatch(chatLines(1))).id);
  const listed = (await gather(client.batches.list({ limit: 3 }))).map((batch) => batch.id);
  assert.deepEqual(listed.slice(0, 7), created.reverse());
  assert.equal(new Set(listed).size, listed.length);
});

test('files are listed by purpose and in either order', async () => {
  const first = await upload(chatLines(1));
  const second = await upload(chatLines(1));
  const newest = await gather(client.files.list({ purpose: 'batch', limit: 2 }));
  assert.deepEqual(newest.slice(0, 2).map((file) => file.id), [second.id, first.id]);
  assert.ok(newest.every((file) => file.purpose === 'batch'));
  const oldest = await gather(client.files.list({ order: 'asc', limit: 100 }));
  assert.equal(oldest.at(-1).id, second.id);
  assert.equal((await client.files.list({ purpose: 'vision' })).data.length, 0);
});

test('a cancelled batch hands over what it has got to', async () => {
  const { id } = await createBatch(chatLines(10));
  await advance(10 + 30);
  const cancelling = await client.batches.cancel(id);
  assert.equal(cancelling.status, 'cancelling');
  await advance(600);
  const batch = await client.batches.retrieve(id);
  assert.equal(batch.status, 'cancelled');
  assert.equal((await rowsOf(batch.output_file_id)).length, 5);
  const lost = await rowsOf(batch.error_file_id);
  assert.equal(lost.length, 5);
  assert.ok(lost.every((row) => row.error.code === 'batch_cancelled' && row.response === null));
});

test('a batch cancelled in validation has no files', async () => {
  const { id } = await createBatch(chatLines(2));
  await client.batches.cancel(id);
  await advance(600);
  const batch = await client.batches.retrieve(id);
  assert.equal(batch.status, 'cancelled');
  assert.equal(batch.output_file_id, null);
  assert.equal(batch.in_progress_at, null);
});

test('result files go away when output_expires_after says so', async () => {
  const { id } = await createBatch(chatLines(1), { output_expires_after: { anchor: 'created_at', seconds: 3600 } });
  await advance(75);
  const { output_file_id: outputId } = await client.batches.retrieve(id);
  const file = await client.files.retrieve(outputId);
  assert.equal(file.purpose, 'batch_output');
  assert.equal(file.expires_at, file.created_at + 3600);
  await advance(3600);
  await assert.rejects(client.files.content(outputId), OpenAI.NotFoundError);
});

test('a deleted file is gone', async () => {
  const file = await upload(chatLines(1));
  assert.deepEqual(await client.files.delete(file.id), { object: 'file', deleted: true, id: file.id });
  await assert.rejects(client.files.retrieve(file.id), OpenAI.NotFoundError);
  await assert.rejects(client.files.delete(file.id), OpenAI.NotFoundError);
});

test('refusals are the errors that the client knows', async () => {
  const stranger = new OpenAI({ baseURL, apiKey: 'sk-wrong', maxRetries: 0, fetch: specification.fetch() });
  await assert.rejects(stranger.batches.list(), (error) => error instanceof OpenAI.AuthenticationError &&
    error.code === 'invalid_api_key');
  await assert.rejects(client.batches.retrieve('batch_none'), OpenAI.NotFoundError);
  await assert.rejects(createBatch(chatLines(1), { endpoint: '/v1/nothing' }), (error) =>
    error instanceof OpenAI.BadRequestError && error.code === 'invalid_value' && error.param === 'endpoint');
  await assert.rejects(createBatch(chatLines(1), { completion_window: '1h' }), OpenAI.BadRequestError);
  await assert.rejects(createBatch(chatLines(1), { metadata: { tags: ['a'] } }), (error) =>
    error.code === 'invalid_type' && error.param === 'metadata.tags');
  await assert.rejects(client.files.create({ file: await toFile(Buffer.from('no JSON'), 'a.jsonl'), purpose: 'batch' }),
    OpenAI.BadRequestError);
  const { id } = await createBatch(chatLines(1));
  await advance(75);
  await assert.rejects(client.batches.cancel(id), OpenAI.ConflictError);
});

test('the client gets over what it may try again', async () => {
  await admin('faults', { route: 'GET /v1/batches', action: 'status', status: 429, headers: { 'retry-after-ms': '1' } });
  await admin('faults', { route: 'GET /v1/batches', action: 'reset_before' });
  const patient = new OpenAI({ baseURL, apiKey: 'sk-sim', maxRetries: 2, fetch: specification.fetch() });
  assert.ok((await patient.batches.list({ limit: 1 })).data.length <= 1);
});

for (const [endpoint, body, check] of [
  ['/v1/responses', { model: 'm', input: 'one two' }, (b) => assert.equal(b.output[0].content[0].text, 'one two')],
  ['/v1/completions', { model: 'm', prompt: 'one two' }, (b) => assert.equal(b.choices[0].text, 'one two')],
  ['/v1/embeddings', { model: 'm', input: ['a', 'b'], dimensions: 4 }, (b) => assert.equal(b.data[1].embedding.length, 4)],
]) {
  test(`${endpoint} answers in its own shape`, async () => {
    const { id } = await createBatch([{ custom_id: 'only', method: 'POST', url: endpoint, body }], { endpoint });
    await advance(75);
    const batch = await client.batches.retrieve(id);
    assert.equal(batch.status, 'completed', JSON.stringify(batch.errors));
    const [row] = await rowsOf(batch.output_file_id);
    check(row.response.body);
  });
}
