// A batch job in the way that the official documentation shows it: upload, create, ask until it has ended, fetch the
// answers, and put them into the order of the requests.
//
//   OPENAI_BASE_URL=… OPENAI_API_KEY=… node job.mjs REQUESTS ANSWERS
//
// A file of more than 200 MB or 50,000 requests would have to be split by hand; the practice provider is told to take it.
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import OpenAI from 'openai';

const [requests, answers] = process.argv.slice(2);
const client = new OpenAI();

const ids = readFileSync(requests, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line).custom_id);
const file = await client.files.create({ file: createReadStream(requests), purpose: 'batch' });
let batch = await client.batches.create({
  input_file_id: file.id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
});
while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  batch = await client.batches.retrieve(batch.id);
}
if (batch.status !== 'completed') throw new Error(`the batch is ${batch.status}: ${JSON.stringify(batch.errors)}`);

const text = await (await client.files.content(batch.output_file_id)).text();
const rows = new Map();
for (const line of text.trimEnd().split('\n')) rows.set(JSON.parse(line).custom_id, line);
writeFileSync(answers, ids.map((id) => rows.get(id) + '\n').join(''));

const peak = process.resourceUsage().maxRSS; // KiB
console.log(JSON.stringify({ rows: rows.size, peak_mib: peak / 1024 }));
