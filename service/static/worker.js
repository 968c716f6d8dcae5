// Without a connection: the static files, and the one page that says it is a copy (service/pages/phone.py). Nothing else.
"use strict";

const STILL = "keepwarm-still";
const COPY = "keepwarm-copy";
const FILES = ["keepwarm.css", "keepwarm.js", "icons.svg", "favicon.svg"].map((name) => `/static/${name}`);
const PAGE = "/offline";
const FRESH = 5 * 60 * 1000; // milliseconds: a younger copy is not made anew
const LASTS = 7 * 24 * 3600 * 1000; // an older one is of no use to anybody, and goes
let changed = false; // something was sent since the copy was made
let turn = 0; // raised by forgetting: a copy that was asked for before is not kept after

const age = (answer) => Date.now() - Number(answer.headers.get("Kept-At")); // by this device's clock alone
const kept = async () => (await caches.open(COPY)).match(PAGE, { ignoreVary: true });

async function forget() {
  turn += 1;
  await caches.delete(COPY);
}

async function keep() {
  const there = await kept();
  if (there && !changed && age(there) < FRESH) return;
  const mine = turn;
  const answer = await fetch(PAGE, { cache: "no-store" });
  if (answer.redirected || answer.headers.get("Keepwarm-Copy") !== "yes") return forget();
  const headers = new Headers(answer.headers);
  headers.set("Kept-At", Date.now());
  const copies = await caches.open(COPY);
  await copies.put(PAGE, new Response(await answer.blob(), { headers }));
  changed = false;
  if (mine !== turn) await forget();
}

async function page(request) {
  try {
    return await fetch(request);
  } catch (problem) {
    const there = await kept();
    if (there && age(there) < LASTS) return there;
    await forget();
    throw problem; // nothing to show: the browser says so in its own way
  }
}

async function still(request) {
  const cache = await caches.open(STILL);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(new URL(request.url).pathname, answer.clone()); // one version of each
    return answer;
  } catch (problem) {
    const there = await cache.match(new URL(request.url).pathname, { ignoreVary: true });
    if (there) return there;
    throw problem;
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STILL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keep().catch(() => {}));
  if (event.data === "forget") event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST") {
    changed = true;
    if (url.pathname === "/sign-out") event.waitUntil(forget());
  } else if (request.destination === "document" && request.method === "GET") {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith("/static/") && request.method === "GET") {
    event.respondWith(still(request));
  }
});
