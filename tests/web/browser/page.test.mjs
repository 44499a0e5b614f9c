// A browser against daemon, practice provider and page: what somebody does who has never seen it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { PAGE_LINK, PAGE_WORK, CHROMIUM, PROVIDER } = process.env;
const home = new URL("/", PAGE_LINK).href;
const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", `file://${process.cwd()}/`), "utf8");
const shots = `${PAGE_WORK}/screenshots`;
mkdirSync(shots, { recursive: true });

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

// Somebody with the link; whatever the page asks of another host, or complains about, fails the test.
async function visitor(options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(home) && !request.url().startsWith("data:")) complaints.push(request.url());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(PAGE_LINK);
  assert.equal(page.url(), home, "the token is out of the address");
  return { page, complaints };
}

const line = (id, more = {}) =>
  JSON.stringify({
    custom_id: id,
    method: "POST",
    url: "/v1/chat/completions",
    body: { model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }], ...more },
  });

function file(name, lines) {
  const path = `${PAGE_WORK}/${name}`;
  writeFileSync(path, lines.join("\n") + "\n");
  return path;
}

async function check(page, path) {
  await page.goto(`${home}submit`);
  await page.setInputFiles("input[type=file]", path);
  await page.getByRole("button", { name: "Check it" }).click();
}

// Wrong lines are shown, the mended file is sent, and comes back with its answers.
async function firstVisit(page, name) {
  await check(page, file(`${name}.jsonl`, [line("a"), '{"custom_id": "b"', line("a"), line("c", { stream: true })]));
  await page.getByText("It would be rejected").waitFor();
  const rows = await page.locator("tbody tr").allInnerTexts();
  assert.ok(rows.some((row) => row.startsWith("2")), rows.join("|"));
  assert.ok(rows.some((row) => row.startsWith("3")), rows.join("|"));
  await page.getByRole("button", { name: "Throw it away" }).click();
  await check(page, file(`${name}.jsonl`, [line("a"), line("b")]));
  await page.getByText("Nothing is wrong with it").waitFor();
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("is in the inbox").waitFor();
}

test("the list changes by itself, and a job is followed to its answers", async () => {
  const { page, complaints } = await visitor();
  const watcher = await page.context().newPage();
  await watcher.goto(home);
  await firstVisit(page, "articles");
  const row = watcher.locator("tr", { hasText: "articles" });
  await row.getByText("done", { exact: true }).waitFor({ timeout: 180_000 });
  await row.getByRole("link", { name: "articles" }).click();
  const download = watcher.waitForEvent("download");
  await watcher.getByRole("link", { name: "output.jsonl" }).click();
  const answers = readFileSync(await (await download).path(), "utf8").trim().split("\n").map(JSON.parse);
  assert.deepEqual(answers.map((answer) => answer.custom_id), ["a", "b"]);
  assert.deepEqual(complaints, []);
});

test("all of it works without JavaScript", async () => {
  const { page, complaints } = await visitor({ javaScriptEnabled: false });
  await firstVisit(page, "plain");
  for (let tries = 0; tries < 600; ++tries) {
    await page.goto(`${home}?q=plain&state=done`);
    if (await page.locator("tr", { hasText: "plain" }).count()) break;
  }
  await page.getByRole("link", { name: "plain" }).click();
  await page.getByRole("link", { name: "output.jsonl" }).waitFor();
  assert.deepEqual(complaints, []);
});

// What the practice provider makes of rows from now on.
async function rowsBehave(rules) {
  const answer = await fetch(new URL("/admin/faults", PROVIDER), {
    method: "POST",
    headers: { authorization: "Bearer sk-practice", "content-type": "application/json" },
    body: JSON.stringify({ rows: rules }),
  });
  assert.ok(answer.ok, await answer.text());
}

async function send(page, path) {
  await check(page, path);
  await page.getByRole("button", { name: "Send it" }).click();
  await page.getByText("is in the inbox").waitFor();
}

test("what failed is told by its reasons, looked at, and sent again", async () => {
  const { page, complaints } = await visitor();
  const bad = { kind: "status", status: 400 };
  await rowsBehave([{ match: "bad-*", ...bad }]);
  const lines = Array.from({ length: 12 }, (_, i) => line(i % 3 === 0 ? `bad-${i}` : `good-${i}`));
  await send(page, file("mixed.jsonl", lines));
  await page.goto(home);
  const row = page.locator("tr", { hasText: "mixed" });
  await row.getByText("done", { exact: true }).waitFor({ timeout: 180_000 });
  await row.getByRole("link", { name: "mixed" }).click();
  const reasons = page.locator("table", { hasText: "Reasons, the largest first" }).locator("tbody tr");
  assert.equal(await reasons.count(), 1, "one reason for four requests");
  assert.match(await reasons.first().innerText(), /^4\s+400/);
  await reasons.first().getByRole("link", { name: "bad-0" }).click();
  await page.getByRole("heading", { name: "Request bad-0" }).waitFor();
  assert.match(await page.locator("pre").nth(1).innerText(), /"status_code": 400/);
  await page.goBack();
  const folder = page.waitForEvent("download");
  await page.getByRole("link", { name: "all of them" }).click();
  const members = execFileSync("tar", ["-tf", await (await folder).path()], { encoding: "utf8" }).trim().split("\n");
  assert.ok(members.includes("mixed/output.jsonl") && members.includes("mixed/errors.jsonl"), members.join());
  await rowsBehave([]);
  await page.getByRole("button", { name: "Retry what failed" }).click();
  await page.goto(home);
  const again = page.locator("tr", { hasText: "mixed" });
  await again.nth(1).waitFor({ timeout: 180_000 });
  await again.first().getByText("done", { exact: true }).waitFor({ timeout: 180_000 });
  assert.deepEqual(complaints, []);
});

// Waits for what is to come live. A page in the background takes a rest, as its stream does, until it is looked at.
async function comes(page, selector) {
  await page.bringToFront();
  try {
    await page.locator(selector).waitFor({ timeout: 180_000 });
  } catch (error) {
    const seen = await page.evaluate(() => {
      const { attempt, status, lastEventId } = document.getElementById("live")?._htmx?.sse ?? {};
      return { hidden: document.hidden, stream: { attempt, status, lastEventId }, text: document.body.innerText };
    });
    throw new Error(`${error.message}\nthe page: ${JSON.stringify(seen)}`);
  }
}

test("a page is live although the last of its scripts comes late", async () => {
  const { page } = await visitor();
  let arrive;
  const late = new Promise((resolve) => (arrive = resolve));
  await page.route("**/hx-sse.min.js", (route) => late.then(() => route.continue()));
  await page.goto(home, { waitUntil: "commit" });
  await page.waitForFunction(() => window.htmx);
  // Behind all that was put off until now.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  arrive();
  const other = await page.context().newPage();
  await send(other, file("behind.jsonl", [line("a")]));
  await comes(page, 'tr:has-text("behind")');
});

test("a page that found the server busy, or away, comes to life all the same", async () => {
  const { page } = await visitor();
  const refusals = [
    (route) => route.fulfill({ status: 503, contentType: "application/json", body: '{"error":{"code":"busy"}}' }),
    (route) => route.abort("connectionrefused"),
  ];
  await page.route("**/live?*", (route) => (refusals.shift() ?? ((later) => later.continue()))(route));
  await page.goto(home);
  const other = await page.context().newPage();
  await send(other, file("late.jsonl", [line("a")]));
  await comes(page, 'tr:has-text("late")');
  assert.equal(refusals.length, 0);
  assert.equal(await page.getByText("busy").count(), 0, "the excuse stands in the page");
});

test("a file that is refused without a page is refused with words", async () => {
  const { page } = await visitor();
  const refusals = [
    { status: 503, contentType: "application/json", body: '{"error":{"code":"busy","message":"try again"}}' },
    { status: 403, contentType: "text/plain", body: "this page only shows\n" },
    { status: 502, contentType: "text/plain", body: "" },
  ];
  await page.route("**/submit", (route) =>
    route.request().method() === "POST" ? route.fulfill(refusals.shift()) : route.continue(),
  );
  for (const words of ["try again", "this page only shows", "It was refused: 502."]) {
    await check(page, file("refused.jsonl", [line("a")]));
    await page.getByRole("alert").getByText(words, { exact: true }).waitFor();
    assert.ok(await page.getByRole("button", { name: "Check it" }).isEnabled());
  }
});

test("a job that waits is cancelled", async () => {
  const { page, complaints } = await visitor();
  await page.goto(`${home}submit`);
  await page.getByLabel("Queue").selectOption("nightly");
  await page.setInputFiles("input[type=file]", file("waits.jsonl", [line("a")]));
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("button", { name: "Send it" }).click();
  await page.goto(home);
  const link = page.getByRole("link", { name: "waits" });
  await link.waitFor({ timeout: 180_000 });
  const [list, watcher] = [page, await page.context().newPage()];
  await watcher.goto(new URL(await link.getAttribute("href"), home).href);
  const other = await page.context().newPage();
  await other.goto(watcher.url());
  // What somebody is at stays theirs while the list changes under it.
  await link.focus();
  await other.getByRole("button", { name: "Cancel the job" }).click();
  await list.locator("tr", { hasText: "waits" }).getByText("cancelled", { exact: true }).waitFor({ timeout: 180_000 });
  assert.equal(await list.evaluate(() => document.activeElement.textContent), "waits", "the focus is lost");
  assert.match(await list.locator("tr", { hasText: "waits" }).locator("time").getAttribute("title"), / UTC$/);
  // A page that was open all the time has the files of the job that has ended.
  await comes(watcher, ".state.cancelled");
  await watcher.getByRole("link", { name: "job.json" }).waitFor({ timeout: 180_000 });
  await watcher.getByRole("button", { name: "Cancel the job" }).waitFor({ state: "detached" });
  assert.deepEqual(complaints, []);
});

test("a file can be dropped anywhere on the page", async () => {
  const { page, complaints } = await visitor();
  await page.goto(`${home}submit`);
  await page.getByText("drag it onto this page").waitFor();
  const data = await page.evaluateHandle((text) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([text], "dropped.jsonl"));
    return dropped;
  }, `${line("a")}\n`);
  await page.dispatchEvent("h1", "dragover", { dataTransfer: data });
  assert.equal(await page.locator("body.dropping").count(), 1);
  await page.dispatchEvent("h1", "drop", { dataTransfer: data });
  assert.equal(await page.locator("body.dropping").count(), 0);
  await page.getByRole("button", { name: "Check it" }).click();
  await page.getByRole("heading", { name: "Checked: dropped.jsonl" }).waitFor();
  await page.getByRole("button", { name: "Throw it away" }).click();
  assert.deepEqual(complaints, []);
});

test("a keyboard is enough, and shows where it is", async () => {
  const { page, complaints } = await visitor();
  const focused = () => page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.name);
  const reach = async (name) => {
    for (let steps = 0; steps < 60; ++steps) {
      await page.keyboard.press("Tab");
      if ((await focused()) === name) return;
    }
    assert.fail(`${name} is not reached`);
  };
  await reach("Submit");
  const outline = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" || style.boxShadow !== "none" || style.textDecorationLine !== "none";
  });
  assert.ok(outline, "what has the focus does not show it");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${home}submit`);
  await reach("file");
  await reach("Check it");
  await page.goto(home);
  await reach("articles");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/jobs\/\d+$/);
  await reach("output.jsonl");
  assert.deepEqual(complaints, []);
});

test("nothing moves for whoever does not want that", async () => {
  const { page } = await visitor({ reducedMotion: "reduce" });
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).length);
  assert.equal(moving, 0);
});

// Forty days of two models, as a daemon that has run for so long leaves them.
function addSpending() {
  const sql = `WITH RECURSIVE days(d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM days WHERE d < 40)
    INSERT INTO batches (job_id, shard, attempt, run, key, phase, status, endpoint, model, requests, bytes, completed, failed,
      estimated_tokens, input_tokens, output_tokens, cached_tokens, cost, cost_sync, created_at, collected_at)
    SELECT 1, 1000 + d * 2 + m, 1, 1, 'past-' || d || '-' || m, 'collected', 'completed', '/v1/chat/completions',
      CASE m WHEN 0 THEN 'gpt-4o-mini' ELSE 'gpt-4o' END, 500, 90000, 490, 10, 22500, 800000 + d * 1000, 200000, 50000,
      (d * 37 % 23 + 3) * 9000000 * (m * 4 + 1), (d * 37 % 23 + 3) * 18000000 * (m * 4 + 1),
      strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || d || ' days'), strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || d || ' days')
    FROM days, (SELECT 0 AS m UNION ALL SELECT 1) WHERE d % 7 <> 3`;
  execFileSync("sqlite3", ["-cmd", ".timeout 10000", `${PAGE_WORK}/state/batchd.db`, sql]);
}

// Its picture, what axe says of it, and that nothing sticks out to the right.
async function examine(page, name, options) {
  await page.screenshot({ path: `${shots}/${name}-${options}.png`, fullPage: true });
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes[0].html}`), [], `${name} ${options}`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${name} ${options} is ${overflow} pixels too wide`);
}

test("every page is accessible, and looks right in both schemes and at two widths", async () => {
  addSpending();
  for (const colorScheme of ["light", "dark"])
    for (const width of [320, 1280]) {
      const { page, complaints } = await visitor({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      for (const path of ["", "jobs/1", "jobs/3", "jobs/3/request?line=1", "submit", "queues", "providers", "spending", "events", "about"]) {
        await page.goto(home + path, { waitUntil: "load" });
        await examine(page, path.replace(/\W/g, "-") || "jobs", `${colorScheme}-${width}`);
      }
      await check(page, file("wrong.jsonl", [line("a"), '{"custom_id": "b"', line("a"), line("c", { stream: true })]));
      await page.getByText("It would be rejected").waitFor();
      await examine(page, "submit-wrong", `${colorScheme}-${width}`);
      await page.getByRole("button", { name: "Throw it away" }).click();
      await check(page, file("right.jsonl", [line("a"), line("b", { model: "a-model-nobody-knows" })]));
      await page.getByText("Nothing is wrong with it").waitFor();
      await examine(page, "submit-right", `${colorScheme}-${width}`);
      await page.getByRole("button", { name: "Throw it away" }).click();
      assert.deepEqual(complaints, []);
      await page.context().close();
    }
});

test("what needs a person is said at once, on a page that is open", async () => {
  const { page, complaints } = await visitor();
  await page.locator("#strip").getByText("The daemon does not run").waitFor({ state: "detached" });
  process.kill(Number(process.env.DAEMON_PID));
  await page.locator("#strip").getByText("The daemon does not run").waitFor({ timeout: 180_000 });
  assert.deepEqual(complaints, []);
});
