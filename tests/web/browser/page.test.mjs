// A browser against daemon, practice provider and page: what somebody does who has never seen it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const { PAGE_LINK, PAGE_WORK, CHROMIUM } = process.env;
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
  await row.getByText("done", { exact: true }).waitFor({ timeout: 30_000 });
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

test("every page is accessible, and looks right in both schemes and at two widths", async () => {
  for (const colorScheme of ["light", "dark"])
    for (const width of [320, 1280]) {
      const { page, complaints } = await visitor({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      for (const path of ["", "jobs/1", "submit", "queues", "providers", "events", "about"]) {
        await page.goto(home + path, { waitUntil: "load" });
        await page.screenshot({ path: `${shots}/${path.replace("/", "-") || "jobs"}-${colorScheme}-${width}.png`, fullPage: true });
        await page.evaluate(axe);
        const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes[0].html}`), [], `/${path} ${colorScheme} ${width}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `/${path} is ${overflow} pixels too wide at ${width}`);
      }
      assert.deepEqual(complaints, []);
      await page.context().close();
    }
});

test("what needs a person is said at once, on a page that is open", async () => {
  const { page, complaints } = await visitor();
  await page.locator("#strip").getByText("The daemon does not run").waitFor({ state: "detached" });
  process.kill(Number(process.env.DAEMON_PID));
  await page.locator("#strip").getByText("The daemon does not run").waitFor({ timeout: 30_000 });
  assert.deepEqual(complaints, []);
});
