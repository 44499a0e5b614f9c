// Times of the place where the browser is, with UTC beside them; without this they are in UTC.
(() => {
  const form = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });
  const show = (root) => {
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      time.title = time.textContent;
      time.textContent = form.format(moment);
    }
  };
  show(document);
  // What comes live may put a new text into an element that is there.
  const changes = { childList: true, characterData: true, subtree: true };
  new MutationObserver(() => show(document)).observe(document.body, changes);
})();

// What changes by itself is asked for once by htmx, and again only where it had begun. Where the server was busy or away just
// then, the page would stand still for as long as it is open, or show the server's excuse in the place of what it had.
(() => {
  const connect = "hx-sse:connect";
  const ask = (live) => {
    if (live.isConnected && !live._htmx?.sse) htmx.ajax("GET", live.getAttribute(connect), { source: live });
  };
  const retry = (live) => setTimeout(ask, 5000, live);
  const isLive = (element) => element instanceof Element && element.hasAttribute(connect);
  document.addEventListener("htmx:before:response", (event) => {
    if (!isLive(event.target) || event.detail.ctx.response.status < 400) return;
    event.preventDefault();
    retry(event.target);
  });
  document.addEventListener("htmx:error", (event) => {
    if (isLive(event.target)) retry(event.target);
  });
})();

// A bar shows how much of a file is sent; without this the browser sends the form by itself.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.enctype !== "multipart/form-data") return;
  event.preventDefault();
  const button = form.querySelector("button");
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", "How much of the file is sent");
  button.disabled = true;
  button.after(bar);
  const request = new XMLHttpRequest();
  request.upload.onprogress = (sent) => {
    if (sent.lengthComputable) bar.value = sent.loaded / sent.total;
  };
  const refuse = (textContent) => {
    button.disabled = false;
    bar.replaceWith(Object.assign(document.createElement("p"), { role: "alert", textContent }));
  };
  request.onload = () => {
    // Where the check is done we are sent on to what it has found; else the answer says why not.
    if (request.responseURL !== form.action) return location.assign(request.responseURL);
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (main) return document.querySelector("main").replaceWith(main);
    // No page of ours: an object, a line of text, or what a proxy has to say.
    let words = page.body.textContent.trim();
    try {
      words = JSON.parse(request.responseText).error.message;
    } catch {}
    refuse(words || `It was refused: ${request.status}.`);
  };
  request.onerror = () => refuse("It broke off: send it again.");
  request.open("POST", form.action);
  request.send(new FormData(form));
});

// A file can be dropped anywhere on the page where one is sent; without this only onto the field.
(() => {
  const field = document.querySelector("form[enctype='multipart/form-data'] input[type=file]");
  if (!field) return;
  document.getElementById("drop-place").textContent = "this page";
  const has_files = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!has_files(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener("drop", (event) => {
    if (!has_files(event)) return;
    event.preventDefault();
    mark(false);
    field.files = event.dataTransfer.files;
    field.focus();
  });
})();
