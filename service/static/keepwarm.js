// What a page does on its own where JavaScript is on; every page works without.
"use strict";

// Live progress: fetch this page again and take over the part that changes, until it says that it is done.
const live = () => document.querySelector("[data-live]");
async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  const old = document.getElementById("live");
  if (!fresh || !old) return location.reload();
  old.replaceWith(document.adoptNode(fresh));
  again();
}
function again() {
  const part = live();
  if (part) setTimeout(() => look().catch(() => setTimeout(again, 5000)), 1000 * Number(part.dataset.live));
}
again();

// The first visit: the browser knows its time zone better than its language does.
const zones = document.querySelector('[data-guess-zone="yes"]');
if (zones) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone !== "UTC" && [...zones.options].some((each) => each.value === zone)) zones.value = zone;
}

// A message can be copied as it stands after the owner changed it.
for (const button of document.querySelectorAll("[data-copy]")) {
  const text = document.getElementById(button.dataset.copy);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value);
    button.textContent = text.dataset.copied;
  });
}
