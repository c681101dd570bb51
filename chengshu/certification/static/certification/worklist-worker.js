// Keeps the worklist readable without a connection: the list, whose names are masked, and the files that it loads.
// An opened person, with name, phone and address, is never kept. Served at an address whose scope is the worklist.
const KEPT = "worklist-1";
const LIST = `${new URL(self.registration.scope).pathname}`;
const MOST_LISTS = 5;
const PATIENCE = 6000;
// A list is kept by its address alone: in whichever language it was shown last.
const AS_ASKED = { ignoreVary: true };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("message", (event) => { if (event.data?.keep) event.waitUntil(keep(event.data.keep)); });
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    if (url.pathname === LIST) event.respondWith(list(event.request));
    else if (/^\/\d+$/.test(url.pathname.slice(LIST.length))) event.respondWith(person(event.request, url));
  } else if (isFile(url)) event.respondWith(file(event.request));
});

const isFile = (url) => url.pathname.startsWith("/static/");

async function takeOver() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("worklist-") && name !== KEPT).map((name) => caches.delete(name)));
  await self.clients.claim();
}

// What a page has loaded before this worker was there; files of an earlier release go.
async function keep(addresses) {
  const cache = await caches.open(KEPT);
  for (const request of await cache.keys()) {
    if (isFile(new URL(request.url)) && !addresses.includes(request.url)) await cache.delete(request);
  }
  for (const address of addresses) {
    if (!(await cache.match(address, AS_ASKED))) await cache.add(address).catch(() => undefined);
  }
}

async function list(request) {
  const cache = await caches.open(KEPT);
  const kept = (await cache.match(request, AS_ASKED)) ?? (await cache.match(LIST, AS_ASKED));
  try {
    const answer = await soon(fetch(request), kept ? PATIENCE : 60000);
    if (answer.ok) await renew(cache, request, answer.clone());
    // Signed out, or no longer somebody who visits: nothing stays behind.
    else if (answer.type === "opaqueredirect" || answer.status === 403) await forget(cache);
    return answer;
  } catch {
    return kept ?? Response.error();
  }
}

async function person(request, url) {
  try {
    return await fetch(request);
  } catch {
    return Response.redirect(`${LIST}#item-${url.pathname.slice(LIST.length + 1)}`);
  }
}

async function file(request) {
  const kept = await (await caches.open(KEPT)).match(request);
  return kept ?? fetch(request);
}

async function renew(cache, request, answer) {
  await cache.delete(request, AS_ASKED);
  await cache.put(request, answer);
  const lists = (await cache.keys()).filter((one) => !isFile(new URL(one.url)));
  await Promise.all(lists.slice(0, -MOST_LISTS).map((one) => cache.delete(one)));
}

async function forget(cache) {
  const lists = (await cache.keys()).filter((one) => !isFile(new URL(one.url)));
  await Promise.all(lists.map((one) => cache.delete(one)));
}

function soon(promise, milliseconds) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("late")), milliseconds);
    promise.then(resolve, reject);
  });
}
