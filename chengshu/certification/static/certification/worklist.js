// Visits are kept on the phone until the site has taken them. Without this script, the forms are sent as they are.
(() => {
  const place = document.getElementById("visit-queue");
  if (!place || !window.indexedDB) return;
  const texts = place.dataset;
  const said = (name, n) => texts[`text${name}`].replace("{n}", n);
  const user = Number(texts.user);
  const isList = window.location.pathname === texts.list;
  const AGAIN_AFTER = 30000;
  let isSending = false;
  let sentInAll = 0;

  // What waits: a row per visit, by the number that the phone gave it.
  const opened = new Promise((resolve, reject) => {
    const request = window.indexedDB.open("chengshu-visits", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("visits", { keyPath: "clientId" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  async function stored(mode, use) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const change = database.transaction("visits", mode, { durability: "strict" });
      const request = use(change.objectStore("visits"));
      change.oncomplete = () => resolve(request.result);
      change.onerror = () => reject(change.error);
      change.onabort = () => reject(change.error);
    });
  }
  const all = () => stored("readonly", (visits) => visits.getAll());
  const put = (visit) => stored("readwrite", (visits) => visits.put(visit));
  const remove = (visit) => stored("readwrite", (visits) => visits.delete(visit.clientId));

  // Recording: whatever is saved goes into the phone first, then out.
  async function keep(form, source) {
    const fields = new FormData(form);
    const photo = fields.get("photo");
    const visit = {
      clientId: window.crypto.randomUUID ? window.crypto.randomUUID() : fields.get("client_id"),
      user,
      item: Number(source.dataset.item),
      name: source.dataset.name,
      url: source.dataset.record,
      outcome: fields.get("outcome"),
      outcomeName: form.querySelector("[name=outcome]:checked")?.parentElement.textContent.trim() ?? "",
      visitedOn: fields.get("visited_on"),
      note: fields.get("note"),
      photo: photo instanceof File && photo.size ? photo : null,
      error: null,
    };
    // What was refused for the same person gives way to what is said now.
    for (const earlier of await all()) {
      if (earlier.item === visit.item && earlier.user === user && earlier.error) await remove(earlier);
    }
    await put(visit);
    return visit;
  }

  async function recorded(event) {
    event.preventDefault();
    const form = event.target;
    const source = form.closest("[data-record]") ?? document.getElementById(form.dataset.card);
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    try {
      await keep(form, source);
    } catch {
      button.disabled = false;
      // A phone that keeps nothing can still send.
      if (navigator.onLine) { form.action = source.dataset.record; form.submit(); } else window.alert(said("NotKept"));
      return;
    }
    button.disabled = false;
    form.closest("dialog")?.close();
    await show();
    const refused = await send();
    if (!isList && !refused.includes(Number(source.dataset.item))) await leave(form);
  }

  // Back to the list, which is there without a connection too once the service worker has it.
  async function leave(form) {
    const isReadable = !document.body.classList.contains("is-offline") || navigator.serviceWorker?.controller;
    if (isReadable) window.location.assign(texts.list);
    else form.hidden = true;
  }

  // Sending: who is signed in and a fresh token come first; each visit then goes by itself.
  async function reach() {
    try {
      const answer = await fetch(texts.token, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      document.body.classList.remove("is-offline");
      place.querySelector("[data-sign-in]").hidden = found.user !== null;
      return found;
    } catch {
      document.body.classList.add("is-offline");
      return null;
    }
  }

  async function post(visit, token) {
    const fields = new FormData();
    fields.set("client_id", visit.clientId);
    fields.set("outcome", visit.outcome);
    fields.set("visited_on", visit.visitedOn);
    fields.set("note", visit.note);
    if (visit.photo) fields.set("photo", visit.photo, visit.photo.name || "photo");
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    const answer = await fetch(visit.url, { method: "POST", body: fields, headers, redirect: "manual" });
    const isTold = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.ok && isTold) return { isTaken: true };
    return { isTaken: false, error: isTold && answer.status < 500 ? await answer.json() : null };
  }

  // Returns the items whose visits were refused.
  async function send() {
    if (isSending) return [];
    isSending = true;
    const refused = [];
    try {
      const found = await reach();
      if (!found || found.user === null) return [];
      for (const visit of await all()) {
        if (visit.user !== found.user || visit.error) continue;
        const result = await post(visit, found.token);
        if (result.isTaken) {
          await remove(visit);
          sentInAll += 1;
          takeOff(visit.item);
        } else if (result.error) {
          await put({ ...visit, error: result.error });
          refused.push(visit.item);
        } else {
          await put({ ...visit, isFailed: true });
        }
      }
    } catch {
      document.body.classList.add("is-offline");
    } finally {
      isSending = false;
      await show();
    }
    return refused;
  }

  function takeOff(item) {
    const card = document.getElementById(`item-${item}`);
    const number = document.getElementById("visit-number");
    if (!card) return;
    card.remove();
    number.dataset.number -= 1;
    number.textContent = number.dataset.text.replace("{n}", number.dataset.number);
  }

  // Showing what waits, and what became of it.
  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function line(visit) {
    const row = document.createElement("li");
    const what = document.createElement("span");
    what.textContent = `${visit.name} · ${visit.outcomeName} · ${visit.visitedOn}`;
    row.append(what);
    const problem = document.createElement("p");
    problem.className = "visit-error";
    if (visit.error) problem.textContent = `${visit.error.message} ${visit.error.next_step}`;
    else if (visit.user !== user) problem.textContent = said("Other");
    else if (visit.isFailed) problem.textContent = said("Failed");
    if (problem.textContent) row.append(problem);
    if (visit.user !== user) return row;
    if (visit.error) row.append(button(said("Retry"), async () => { await put({ ...visit, error: null }); await send(); }));
    row.append(button(said("Discard"), async () => { await remove(visit); await show(); }));
    return row;
  }

  async function show() {
    const visits = await all();
    const waiting = visits.filter((visit) => !visit.error);
    const isShown = visits.length > 0 || sentInAll > 0;
    place.hidden = !isShown;
    if (isShown) {
      const parts = [];
      if (sentInAll) parts.push(said("Sent", sentInAll));
      parts.push(waiting.length ? said("Waiting", waiting.length) : said("NoneWaiting"));
      place.querySelector("h2").textContent = parts.join(" · ");
    }
    place.querySelector("ul").replaceChildren(...visits.map(line));
    place.querySelector("[data-send]").hidden = waiting.length === 0;
    for (const card of document.querySelectorAll(".visit[data-item]")) {
      const isKept = waiting.some((visit) => visit.item === Number(card.dataset.item) && visit.user === user);
      card.querySelector(".visit-buttons").hidden = isKept;
      card.querySelector(".visit-kept").hidden = !isKept;
    }
  }

  // The dialog of the list: one form for whoever is chosen.
  const dialog = document.getElementById("visit-dialog");
  function localToday() {
    const now = new Date();
    return new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  }
  function open(card) {
    const form = dialog.querySelector("form");
    form.reset();
    form.dataset.card = card.id;
    form.elements.visited_on.value = localToday();
    dialog.querySelector("h2").textContent = card.dataset.name;
    dialog.showModal();
  }
  function checkPhoto(input) {
    const isTooBig = input.files[0]?.size > Number(texts.mostPhoto);
    input.setCustomValidity(isTooBig ? said("Photo") : "");
    input.reportValidity();
  }

  document.addEventListener("submit", (event) => { if (event.target.matches("form[data-visit]")) recorded(event); });
  document.addEventListener("change", (event) => { if (event.target.matches("form[data-visit] [type=file]")) checkPhoto(event.target); });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-record-visit]");
    if (opener && dialog?.showModal) { event.preventDefault(); open(opener.closest(".visit")); }
    if (event.target.closest("[data-close]")) dialog.close();
    if (event.target.closest("[data-send]")) send();
  });
  window.addEventListener("online", send);
  window.addEventListener("offline", () => document.body.classList.add("is-offline"));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  window.setInterval(() => { if (!document.hidden && (!place.hidden || document.body.classList.contains("is-offline"))) send(); }, AGAIN_AFTER);

  // The service worker, told what this page has loaded.
  async function register() {
    await navigator.serviceWorker.register(texts.worker, { scope: texts.list });
    const registration = await navigator.serviceWorker.ready;
    const loaded = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], svg use")];
    const files = loaded.map((one) => (one.href?.baseVal ?? one.href ?? one.src).split("#")[0]);
    const lists = isList ? [texts.list, window.location.pathname + window.location.search] : [texts.list];
    const addresses = [...new Set([...files, ...lists].map((address) => new URL(address, window.location).href))];
    registration.active.postMessage({ keep: addresses });
  }
  if (navigator.serviceWorker) register().catch(() => undefined);
  show().then(send).catch(() => undefined);
})();
