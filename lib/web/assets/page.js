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
  new MutationObserver(() => show(document)).observe(document.body, { childList: true, subtree: true });
})();
