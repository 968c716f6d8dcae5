// What a page does on its own where JavaScript is on; every page works without. The attributes that a template may use:
//   form data-search="ID"   as you type, the element ID is taken over from the form's own address; [data-found] is read out
//   input data-search="ID" data-from="ADDRESS"   the same for one field of a form that does something else
//   form data-tap="ID"      sent without reload; the element ID and the messages are taken over from the answer
//   data-live="SECONDS"     inside #live: #live is asked for again until it holds no such element
//   data-copy="ID"          a button that copies the text of ID; data-print: one that prints
//   a data-takes="ID"       a link to a mail program or WhatsApp; the text of ID goes along as it stands now
//   data-key="x"            a key for a link, button or field; data-select-all="NAME": a checkbox for all of that name
"use strict";

const one = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const addressOf = (form) => new URL(form.getAttribute("action") || location.href, location.href); // form.action may be a button
const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

// Put the element of another page in the place of the one with the same id here; the new one, or null.
function takeOver(page, id) {
  const [fresh, old] = [page.getElementById(id), one(id)];
  if (!fresh || !old) return null;
  old.replaceWith(document.adoptNode(fresh));
  enliven(fresh);
  return fresh;
}

// Read out to those who do not see the change.
function tell(text) {
  const region = one("heard");
  if (region) region.textContent = text.replace(/\s+/g, " ").trim();
}

// --- search as you type --------------------------------------------------------------------------------------------

const PAUSE = 160; // milliseconds without a key before asking
const asking = new WeakMap(); // form or field → { timer, request }

function asked(source) {
  const field = "from" in source.dataset;
  const address = field ? new URL(source.dataset.from, location.href) : addressOf(source);
  if (field) address.searchParams.set(source.name, source.value);
  else address.search = new URLSearchParams([...new FormData(source)].filter(([, value]) => value !== "")).toString();
  return address;
}

async function search(source, request) {
  const address = asked(source);
  const answer = await fetch(address, { signal: request.signal, headers: { Accept: "text/html" } });
  const fresh = answer.ok && !answer.redirected ? takeOver(await parsed(answer), source.dataset.search) : null;
  if (!fresh) return source.requestSubmit?.(); // a field waits for its button
  if (source.matches("form")) history.replaceState(history.state, "", address);
  const found = fresh.matches("[data-found]") ? fresh : fresh.querySelector("[data-found], .faint");
  if (found) tell(found.textContent);
}

document.addEventListener("input", (event) => {
  const source = event.target.dataset.search ? event.target : event.target.form;
  if (!source?.dataset.search) return;
  const last = asking.get(source);
  if (last) {
    clearTimeout(last.timer);
    last.request.abort();
  }
  const request = new AbortController();
  const go = () => search(source, request).catch((problem) => problem.name === "AbortError" || source.requestSubmit?.());
  asking.set(source, { request, timer: setTimeout(go, event.target.tagName === "SELECT" ? 0 : PAUSE) });
});

// --- one tap -------------------------------------------------------------------------------------------------------

// After a tap the focus stays where the eye is: on the form that took the place of the one tapped, else on the part.
function refocus(part, place) {
  const forms = part.matches("form") ? [part] : all("form[data-tap]", part);
  const next = forms[Math.min(place, forms.length - 1)]?.querySelector("button:not([hidden]), input:not([type=hidden])");
  if (!next) part.tabIndex = -1;
  (next || part).focus({ preventScroll: true });
}

// What stands around the part: the messages, whose way back keeps the eye where it is too, and the counts.
function aside(page, id) {
  for (const each of ["rooms", "tabs"]) takeOver(page, each);
  const said = takeOver(page, "said");
  said?.classList.add("afloat");
  if (said && !location.search) all("form", said).forEach((each) => (each.dataset.tap = id)); // a page of many is left to its address
}

async function tap(form, button) {
  const answer = await fetch(addressOf(form), { method: "POST", body: new FormData(form, button), headers: { Accept: "text/html" } });
  if (!answer.ok && answer.status !== 400) throw new Error(answer.status); // 400: a form that was refused, filled as it was
  const page = await parsed(answer);
  const whole = !page.getElementById(form.dataset.tap) || !one(form.dataset.tap);
  const place = all("form[data-tap]", one(form.dataset.tap) || document).indexOf(form);
  if (whole && answer.url !== location.href) history.pushState(null, "", answer.url); // the answer is another page: show it, for its message is read once
  const part = takeOver(page, whole ? "main" : form.dataset.tap);
  if (!part) return location.assign(answer.url);
  if (whole) document.title = page.title;
  else aside(page, form.dataset.tap);
  refocus(part, Math.max(0, place));
  tell(all("#said .said p").map((each) => each.textContent).join(" "));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.tap || event.defaultPrevented) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return; // a second tap while the first is on its way
  form.setAttribute("aria-busy", "true");
  tap(form, event.submitter).catch(() => {
    delete form.dataset.tap;
    form.removeAttribute("aria-busy");
    form.requestSubmit(event.submitter);
  });
});

window.addEventListener("popstate", () => location.reload());

// --- live progress: this page again, until it holds nothing that moves ---------------------------------------------

async function look() {
  if (one("live")?.querySelector(":focus, details[open]")) return again(); // somebody is at it: nothing is taken from their hands
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok || answer.redirected || !takeOver(await parsed(answer), "live")) return location.reload();
  again();
}
function again() {
  const part = document.querySelector("[data-live]");
  if (part) setTimeout(wake, 1000 * Number(part.dataset.live));
}
function wake() {
  if (document.hidden) document.addEventListener("visibilitychange", wake, { once: true }); // nobody looks: ask nothing
  else look().catch(() => setTimeout(again, 5000));
}

// --- small things of a page or a part of it ------------------------------------------------------------------------

async function copy(button) {
  const text = one(button.dataset.copy);
  await navigator.clipboard.writeText(text.value ?? text.textContent);
  if (text.dataset.copied) button.textContent = text.dataset.copied;
}

// The text in the address of a link, as it was edited; mail programs end a line with both signs (RFC 6068, 5).
function take(link) {
  const text = one(link.dataset.takes).value;
  const whole = encodeURIComponent(link.protocol === "mailto:" ? text.replace(/\n/g, "\r\n") : text);
  link.href = link.href.replace(/([?&](?:body|text)=)[^&]*/, (_, name) => name + whole);
}

document.addEventListener("input", (event) => {
  for (const link of all("a[data-takes]")) if (link.dataset.takes === event.target.id) take(link);
});
window.addEventListener("pageshow", () => all("a[data-takes]").forEach(take)); // a browser keeps what was typed for who comes back

function enliven(root) {
  for (const button of all("[data-copy]", root)) button.hidden = !navigator.clipboard;
  for (const each of all("[data-print], [data-close], [data-keys], [data-select-all]", root)) each.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-print], [data-close], [data-keys]");
  if (!button) return;
  if ("copy" in button.dataset) copy(button).catch(() => {});
  if ("print" in button.dataset) window.print();
  if ("close" in button.dataset) button.closest(".said").remove();
  if ("keys" in button.dataset) showKeys();
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.dataset.selectAll) return;
  for (const each of box.form ? [...box.form.elements] : all("input")) {
    if (each.name === box.dataset.selectAll && each.type === "checkbox" && !each.disabled) each.checked = box.checked;
  }
});

// --- keys: / search, g and a letter go, ? shows them all -------------------------------------------------------------

const OFF = "keepwarm-keys-off"; // in this browser; single keys can be in the way of speech input (WCAG 2.1.4)
let going = 0; // until when a letter after g counts, in milliseconds of the page's clock

function showKeys() {
  const [dialog, list] = [one("keys"), document.querySelector("#keys .keys")];
  if (!dialog || dialog.open) return;
  for (const each of all("[data-own]", list)) each.remove();
  for (const each of all("[data-key]")) {
    const [term, says, key] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
    key.textContent = each.dataset.key;
    says.textContent = (each.getAttribute("aria-label") || each.textContent || each.title).trim();
    term.append(key);
    for (const item of [term, says]) item.dataset.own = "";
    list.append(term, says);
  }
  dialog.querySelector("[data-keys-on]").checked = !localStorage.getItem(OFF);
  dialog.showModal();
}

function toField() {
  const field = document.querySelector("main input[type=search]");
  const people = document.querySelector('[data-go="p"]');
  if (field) field.select();
  if (field || people) (field || people)[field ? "focus" : "click"]();
}

function press(key) {
  if (key === "?") return showKeys();
  if (key === "/") return toField();
  if (key === "g") return void (going = performance.now() + 1500);
  const went = performance.now() < going && document.querySelector(`#keys [data-go="${CSS.escape(key)}"]`);
  going = 0;
  const target = went || document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return;
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length !== 1) return;
  if (localStorage.getItem(OFF) || document.querySelector("dialog[open]")) return;
  if (event.key === "/") event.preventDefault(); // Firefox would open its own search
  press(event.key);
});

document.addEventListener("change", (event) => {
  if (!("keysOn" in event.target.dataset)) return;
  if (event.target.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
});

// --- the beginning ---------------------------------------------------------------------------------------------------

// The first visit: the browser knows its time zone better than its language does.
const zones = document.querySelector('[data-guess-zone="yes"]');
if (zones) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone !== "UTC" && [...zones.options].some((each) => each.value === zone)) zones.value = zone;
}

// The worker that shows coming talks where there is no connection; told to forget them when nobody is signed in.
async function phone() {
  if (!navigator.serviceWorker) return;
  const wanted = document.body.dataset.copyOfTalks;
  if (wanted === "keep") await navigator.serviceWorker.register("/worker.js");
  const there = wanted === "keep" ? await navigator.serviceWorker.ready : await navigator.serviceWorker.getRegistration();
  there?.active?.postMessage(wanted);
}

if (document.activeElement?.autofocus) one("said")?.classList.toggle("afloat", Boolean(document.querySelector("#said .said"))); // a form far down was refused: why stays in sight
enliven(document);
again();
phone().catch(() => {}); // a private window, say
