"use strict";
// Build the page in the reader's language, draw the charts, and draw them again when room, theme or paper changes.

const drawn = new Map();
const openTables = new Set();

function tile(label, value, note, kind) {
  return h("div", { class: `tile ${kind || ""}` }, h("dt", {}, label), h("dd", {}, value), h("dd", { class: "note" }, note));
}

function tiles() {
  const { people } = DATA.funnel;
  const { safety } = DATA;
  const share = (name) => show("share", ratio(people[name], total(people)));
  const dead = safety.expected_dead_share;
  return h("dl", { class: "tiles" }, [
    tile(t("tile.rate"), share("certified"), t("tile.certified", { count: show("count", people.certified) }), "certified"),
    tile(t("column.self_check"), show("count", people.self_check), share("self_check"), "self_check"),
    tile(t("column.visit"), show("count", people.visit), share("visit"), "visit"),
    tile(t("column.death_recorded"), show("count", people.death_recorded), t("tile.confirm"), "death_recorded"),
    tile(t("tile.dead"), show("smallShare", dead?.value), t("tile.limit", { share: show("smallShare", safety.max_dead_share) }), "dead"),
  ]);
}

function facts() {
  const { totals, run, safety } = DATA;
  const pairs = [
    ["fact.people", show("count", totals.people)],
    ["fact.entitlements", show("count", totals.entitlements)],
    ["fact.events", show("count", totals.events_read)],
    ["fact.set_aside", show("count", totals.rows_set_aside)],
    ["fact.threshold", show("smallShare", safety.p_alive_threshold)],
    ["fact.memory", known(run.peak_memory_bytes) ? `${show("decimal", run.peak_memory_bytes / 2 ** 30)} GiB` : "–"],
  ];
  return h("dl", { class: "facts" }, pairs.map(([key, value]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, value))));
}

function warnings() {
  if (!DATA.warnings.length) return null;
  const items = DATA.warnings.map((text) => h("li", {}, say(text)));
  return h("section", { class: "warnings", "aria-labelledby": "warnings" }, h("h2", { id: "warnings" }, t("warnings")), h("ul", {}, items));
}

function buildTableBlock(figure, name) {
  const { table } = figure;
  const block = h("div", { class: "data" }, buildTable(table, name), csvButton(table, figure.id, name));
  if (table.isOpen) return block;
  const details = h("details", { open: openTables.has(figure.id) }, h("summary", {}, t("show_table")), block);
  details.addEventListener("toggle", () => (details.open ? openTables.add(figure.id) : openTables.delete(figure.id)));
  return details;
}

function buildChart(figure, name) {
  if (!figure.chart || figure.empty) return [];
  const holder = h("div", { class: "chart", role: "img", "aria-label": `${name}${t("colon")}${say(PAYLOAD.findings[figure.id])}` });
  drawn.set(holder, { figure });
  return [figure.legend?.(), h("p", { class: "unit" }, t(`${figure.words || figure.id}.unit`)), holder];
}

function buildFigure(make) {
  const figure = make();
  const words = figure.words || figure.id;
  const name = t(`${words}.title`);
  const notes = (figure.notes || []).filter(known).map((note) => h("p", { class: "caution" }, note));
  const remarks = (figure.remarks || []).filter(known).map((remark) => h("p", { class: "remark" }, remark));
  const isEmpty = figure.empty || !figure.table.rows.length;
  return h(
    "article",
    { class: figure.half ? "figure half" : "figure", id: figure.id, "aria-labelledby": `${figure.id}-title` },
    h("h3", { id: `${figure.id}-title` }, name),
    h("p", { class: "finding" }, say(PAYLOAD.findings[figure.id])),
    notes,
    remarks,
    buildChart(figure, name),
    isEmpty ? null : buildTableBlock(figure, name),
    isEmpty ? null : h("details", { class: "how" }, h("summary", {}, t("how")), h("p", {}, t(`${words}.how`))),
    h("p", { class: "source" }, t("source", { what: t(`${words}.source`), day: DATA.run.as_of })),
  );
}

function buildSection(section) {
  return h("section", { "aria-labelledby": section.id }, h("h2", { id: section.id }, t(`section.${section.id}`)), h("div", { class: "figures" }, section.figures.map(buildFigure)));
}

function languageSwitch() {
  const option = (lang, name) => h("button", { type: "button", lang: lang === "zh" ? "zh-CN" : "en", "aria-pressed": String(reader.lang === lang), onclick: () => speak(lang) }, name);
  return h("div", { class: "switch", role: "group", "aria-label": t("language") }, option("zh", "中文"), option("en", "English"));
}

function buildMasthead() {
  const { run } = DATA;
  const links = SECTIONS.map(({ id }) => h("li", {}, h("a", { href: `#${id}` }, t(`section.${id}`))));
  document.getElementById("masthead").replaceChildren(
    h("div", { class: "bar" }, h("span", { class: "brand" }, t("brand")), languageSwitch()),
    h("h1", {}, h("span", { class: "city" }, run.city_name), t("title")),
    h("p", { class: "when" }, t("when", { day: run.as_of, version: run.version, engine: run.engine, time: run.generated_at.slice(0, 16).replace("T", " ") })),
    run.is_simulated ? h("p", { class: "simulated" }, t("simulated")) : "",
    h("nav", { "aria-label": t("contents") }, h("ul", {}, links)),
  );
}

function buildMain() {
  const lead = h("section", { class: "lead", "aria-label": t("summary") }, h("p", { class: "headline" }, say(PAYLOAD.findings.headline)), tiles(), h("p", { class: "promise" }, say(PAYLOAD.findings.safety)), facts());
  const parts = [lead, warnings(), ...SECTIONS.map(buildSection)].filter(known);
  document.getElementById("main").replaceChildren(...parts);
}

function buildColophon() {
  const lines = ["promise.money", "promise.calibrated", "credit"].map((key) => h("p", {}, t(key)));
  document.getElementById("colophon").replaceChildren(...lines);
}

function draw(holder, entry, color) {
  const env = { width: holder.clientWidth, color };
  if (!env.width) return;
  entry.width = env.width;
  const height = entry.figure.height(env);
  holder.style.height = `${height}px`;
  entry.chart ??= echarts.init(holder, null, { renderer: "canvas", devicePixelRatio: Math.max(2, window.devicePixelRatio) });
  entry.chart.resize({ width: env.width, height });
  entry.chart.setOption(entry.figure.chart(env), { notMerge: true });
}

function drawAll() {
  const color = readColors();
  for (const [holder, entry] of drawn) draw(holder, entry, color);
}

const resized = new ResizeObserver((entries) => {
  const color = readColors();
  for (const { target } of entries) {
    const entry = drawn.get(target);
    if (entry && entry.width !== target.clientWidth) draw(target, entry, color);
  }
});

function buildPage() {
  for (const [holder, entry] of drawn) {
    resized.unobserve(holder);
    entry.chart?.dispose();
  }
  drawn.clear();
  document.documentElement.lang = reader.lang === "zh" ? "zh-CN" : "en";
  document.title = `${DATA.run.city_name} · ${t("title")} · ${DATA.run.as_of}`;
  document.querySelector(".skip").textContent = t("skip");
  buildMasthead();
  buildMain();
  buildColophon();
  drawAll();
  for (const holder of drawn.keys()) resized.observe(holder);
}

function remember(lang) {
  try {
    localStorage.setItem("chengshu-language", lang);
  } catch {
    // A browser may keep nothing for files; the page then opens in Chinese again.
  }
}

function recall() {
  try {
    return localStorage.getItem("chengshu-language");
  } catch {
    return null;
  }
}

function speak(lang) {
  reader.lang = lang;
  remember(lang);
  buildPage();
  document.querySelector('.switch [aria-pressed="true"]').focus();
}

function onPaper(isPaper) {
  document.documentElement.toggleAttribute("data-paper", isPaper);
  drawAll();
}

window.addEventListener("beforeprint", () => onPaper(true));
window.addEventListener("afterprint", () => onPaper(false));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
reader.lang = recall() === "en" ? "en" : "zh";
buildPage();
