"use strict";
// Every chart's figures as a table: sortable by click and by keyboard, and to be taken away as CSV.

const NUMERIC = new Set(["count", "short", "share", "smallShare", "decimal", "precise", "seconds"]);

function columnLabel(column) {
  return column.title ?? t(`column.${column.label}`);
}

function cell(column, row, isHead) {
  const text = column.show ? column.show(row) : show(column.kind, column.value(row));
  const kind = NUMERIC.has(column.kind) ? "num" : "words";
  return isHead ? h("th", { scope: "row", class: kind }, text) : h("td", { class: kind }, text);
}

function compare(column, sign) {
  return (a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (!known(left) || !known(right)) return known(left) ? -1 : known(right) ? 1 : 0;
    return sign * (typeof left === "string" ? left.localeCompare(right, locale()) : left - right);
  };
}

function buildTable(table, name) {
  const body = h("tbody");
  const fill = (rows) => body.replaceChildren(...rows.map((row) => h("tr", {}, table.columns.map((column, i) => cell(column, row, i === 0)))));
  const heads = table.columns.map((column, index) => {
    const button = h("button", { type: "button", class: "sort", onclick: () => sortBy(index) }, columnLabel(column));
    return h("th", { scope: "col", class: NUMERIC.has(column.kind) ? "num" : "words" }, button);
  });
  function sortBy(index) {
    const next = heads[index].getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[index].setAttribute("aria-sort", next);
    fill([...table.rows].sort(compare(table.columns[index], next === "ascending" ? 1 : -1)));
  }
  fill(table.rows);
  const scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": name });
  scroller.append(h("table", {}, h("caption", { class: "aside" }, name), h("thead", {}, h("tr", {}, heads)), body));
  return scroller;
}

function csvField(value) {
  if (!known(value)) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet would run a text that begins like a formula.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function toCsv(table) {
  const lines = [table.columns.map((column) => csvField(columnLabel(column)))];
  for (const row of table.rows) lines.push(table.columns.map((column) => csvField(column.raw ? column.raw(row) : column.value(row))));
  return "\uFEFF" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function saveCsv(table, id) {
  const url = URL.createObjectURL(new Blob([toCsv(table)], { type: "text/csv;charset=utf-8" }));
  const link = h("a", { href: url, download: `${id}-${DATA.run.as_of}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function csvButton(table, id, name) {
  return h("button", { type: "button", class: "plain", "aria-label": `${t("csv")}: ${name}`, onclick: () => saveCsv(table, id) }, t("csv"));
}
