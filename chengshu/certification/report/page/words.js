"use strict";
// Words and figures in the reader's language.

const PAYLOAD = JSON.parse(document.getElementById("payload").textContent);
const DATA = PAYLOAD.data;
const DECISIONS = ["certified", "self_check", "visit", "death_recorded"];
const reader = { lang: "zh" };

function t(key, facts = {}) {
  const text = PAYLOAD.strings[key][reader.lang];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(facts[name]));
}

function say(text) {
  return text[reader.lang];
}

function locale() {
  return reader.lang === "zh" ? "zh-CN" : "en-GB";
}

function number(value, options = {}) {
  return new Intl.NumberFormat(locale(), options).format(value);
}

function known(value) {
  return value !== null && value !== undefined;
}

// One entry per kind of figure: how a person reads it. Unknown is a dash, never a zero.
const SHOW = {
  text: (value) => value,
  count: (value) => number(value),
  short: (value) => number(value, { notation: "compact", maximumFractionDigits: 1 }),
  share: (value) => number(value, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  smallShare: (value) => number(value, { style: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  decimal: (value) => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  precise: (value) => number(value, { minimumFractionDigits: 4, maximumFractionDigits: 4 }),
  seconds: (value) => number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  month: (value) => value.slice(0, 7),
};

function show(kind, value) {
  return known(value) ? SHOW[kind](value) : "–";
}

function interval(kind, estimate) {
  return estimate ? `${show(kind, estimate.low)} – ${show(kind, estimate.high)}` : "–";
}

function total(decisions) {
  return DECISIONS.reduce((sum, name) => sum + decisions[name], 0);
}

function ratio(part, whole) {
  return whole ? part / whole : null;
}

function ageName(row) {
  return known(row.age_to) ? t("age.band", { from: row.age_from, to: row.age_to }) : t("age.open", { from: row.age_from });
}

function bandName(band) {
  // As many digits as tell the two ends apart from 1: 0.999 must not read as 100%.
  const digits = [band.p_low, band.p_high].some((p) => Math.abs(p * 100 - Math.round(p * 100)) > 1e-6) ? 1 : 0;
  const percent = (p) => number(p, { style: "percent", minimumFractionDigits: 0, maximumFractionDigits: digits });
  return `${percent(band.p_low)}–${percent(band.p_high)}`;
}

function monthOfYear(index) {
  return new Intl.DateTimeFormat(locale(), { month: "short" }).format(new Date(2001, index, 1));
}

function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && known(value)) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(known));
  return element;
}
