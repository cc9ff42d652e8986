// A printed page says when it was printed: paper is read long after the page has changed.

addEventListener("beforeprint", () => {
  const language = document.documentElement.lang === "en" ? "en-GB" : "zh-CN";
  const now = new Date();
  for (const line of document.querySelectorAll("[data-printed]")) {
    const at = line.querySelector("time");
    at.dateTime = now.toISOString();
    at.textContent = now.toLocaleString(language, { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Shanghai" });
    line.hidden = false;
  }
});
