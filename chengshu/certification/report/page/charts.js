"use strict";
// ECharts options from figures. `env` is {width, color}: the room there is, and the colours of the current theme.

const COLOR_NAMES = [
  "ink", "muted", "line", "card", "accent", "soft", "limit", "certified", "self_check", "visit", "death_recorded",
  "feed-none", "feed-gone", "feed-poor", "feed-thin", "feed-full", "feed-over",
];
const FONT = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Helvetica Neue", Arial, sans-serif';

function readColors() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOR_NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function isNarrow(env) {
  return env.width < 440;
}

// An element, not a string: ECharts would set a string by innerHTML, whose style attributes the page's policy forbids.
function tip(title, lines) {
  const rows = lines.map(([label, value]) => h("div", { class: "tip-row" }, h("span", {}, label), h("b", {}, value)));
  return h("div", { class: "tip" }, h("div", { class: "tip-title" }, title), rows);
}

function base(env, formatter) {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, color: env.color.ink },
    tooltip: {
      trigger: "item",
      confine: true,
      backgroundColor: env.color.card,
      borderColor: env.color.line,
      textStyle: { color: env.color.ink, fontSize: 13 },
      formatter: (params) => formatter(params.dataIndex, params),
    },
  };
}

function legend(env, shown = true) {
  return { show: shown, top: 0, left: 0, itemWidth: 14, itemHeight: 10, itemGap: 14, selectedMode: false, textStyle: { color: env.color.ink, fontSize: 12 } };
}

// As wide as the longest name needs, Chinese characters being about twice as wide as others, but never wider than `share`.
function nameWidth(env, names, share) {
  const needed = names.map((name) => [...name].reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e7f ? 12.2 : 7.8), 4));
  return Math.ceil(Math.min(env.width * share, 220, Math.max(30, ...needed)));
}

function rowAxis(env, names, share = isNarrow(env) ? 0.42 : 0.36) {
  const width = nameWidth(env, names, share);
  return {
    type: "category",
    data: names,
    inverse: true,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: env.color.ink, fontSize: 12, width, overflow: "break", lineHeight: 14, interval: 0, align: "right" },
  };
}

function valueAxis(env, format, more = {}) {
  return {
    type: "value",
    splitNumber: isNarrow(env) ? 3 : 5,
    axisLabel: { color: env.color.muted, fontSize: 11, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: env.color.line } },
    axisLine: { show: false },
    ...more,
  };
}

/** From 0 to 100% in even steps. */
function shareAxis(env) {
  const format = (value) => number(value, { style: "percent" });
  return valueAxis(env, format, { min: 0, max: 1, interval: isNarrow(env) ? 0.5 : 0.25 });
}

function monthAxis(env, names) {
  return {
    type: "category",
    data: names,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: env.color.line } },
    axisLabel: { color: env.color.muted, fontSize: 11, hideOverlap: true },
  };
}

function rowGrid(env, more = {}) {
  return { left: 4, right: 56, top: 8, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel", ...more };
}

function limitLine(env, at, label) {
  return {
    silent: true,
    symbol: "none",
    precision: 10, // the default of 2 would move a limit of 0.003 to 0
    lineStyle: { color: env.color.limit, type: "dashed", width: 1.5 },
    label: { formatter: label, color: env.color.ink, fontSize: 11, position: "start", distance: 4 },
    data: [{ xAxis: at }],
  };
}

// Beside the bar; but at its root where a line would cross the figure.
function barLabel(env, value, mark, format) {
  const isInside = mark && value > 0.3;
  const color = isInside ? env.color.card : env.color.ink;
  return { show: true, position: isInside ? "insideLeft" : "right", color, fontSize: 12, formatter: () => format(value) };
}

/** Plain horizontal bars with their figure; `isShare` bars run from 0 to 100%. */
function rowBars(env, { names, values, format, isShare, color, mark, tips }) {
  return {
    ...base(env, tips),
    grid: rowGrid(env, mark ? { top: 26, right: 24 } : {}),
    xAxis: isShare ? shareAxis(env) : valueAxis(env, (value) => show("short", value), { min: 0 }),
    yAxis: rowAxis(env, names),
    series: [
      {
        type: "bar",
        data: values.map((value) => ({ value, label: barLabel(env, value, mark, format) })),
        barMaxWidth: 17,
        itemStyle: { color: color || env.color.accent, borderRadius: [0, 2, 2, 0] },
        markLine: mark ? limitLine(env, mark.at, mark.label) : undefined,
      },
    ],
  };
}

/** Stacked horizontal bars, one colour per decision. */
function rowStacks(env, { names, parts, isShare, tips }) {
  return {
    ...base(env, tips),
    legend: legend(env),
    grid: rowGrid(env, { top: isNarrow(env) && parts.length > 2 ? 52 : 30, right: 20 }),
    xAxis: isShare ? shareAxis(env) : valueAxis(env, (value) => show("short", value), { min: 0 }),
    yAxis: rowAxis(env, names),
    series: parts.map(({ name, label, values }) => ({
      type: "bar",
      name: label,
      stack: "all",
      data: values,
      barMaxWidth: 18,
      itemStyle: { color: env.color[name], borderColor: env.color.card, borderWidth: 0.5 },
    })),
  };
}

/** A part of a whole, each bar beginning where the one above ended. */
function waterfall(env, { names, values, colors, labels, tips }) {
  let begin = 0;
  const starts = values.map((value, index) => (index === 0 ? 0 : (begin += value) - value));
  return {
    ...base(env, tips),
    // The first bar reaches to the end: its label needs all of its room, about 6.8 px a sign.
    grid: rowGrid(env, { right: 12 + 6.8 * Math.max(...labels.map((label) => label.length)) }),
    xAxis: valueAxis(env, (value) => show("short", value), { min: 0, max: values[0] || 1, axisLabel: { show: false }, splitLine: { show: false } }),
    yAxis: rowAxis(env, names, 0.32),
    series: [
      { type: "bar", stack: "all", silent: true, data: starts, itemStyle: { color: "transparent" }, barMaxWidth: 26 },
      {
        type: "bar",
        stack: "all",
        barMaxWidth: 26,
        barMinHeight: 2,
        data: values.map((value, index) => ({ value, itemStyle: { color: colors[index], borderRadius: 2 } })),
        label: { show: true, position: "right", color: env.color.ink, fontSize: 12, formatter: ({ dataIndex }) => labels[dataIndex] },
      },
    ],
  };
}

function whisker(api, env, from, to, isUpright) {
  const cap = isUpright ? [4, 0] : [0, 4];
  const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: env.color.accent, lineWidth: 1.5 } });
  return [
    line(from[0], from[1], to[0], to[1]),
    line(from[0] - cap[0], from[1] - cap[1], from[0] + cap[0], from[1] + cap[1]),
    line(to[0] - cap[0], to[1] - cap[1], to[0] + cap[0], to[1] + cap[1]),
  ];
}

/** A dot with its 95% interval for every estimate; `estimates` may hold nulls. */
function estimateSeries(env, estimates, isUpright, name) {
  return {
    type: "custom",
    name,
    itemStyle: { color: env.color.accent },
    data: estimates.map((estimate, index) => (estimate ? [index, estimate.value, estimate.low, estimate.high] : [index, NaN, NaN, NaN])),
    encode: isUpright ? { x: 0, y: [1, 2, 3] } : { y: 0, x: [1, 2, 3] },
    renderItem: (_, api) => {
      const at = (value) => api.coord(isUpright ? [api.value(0), value] : [value, api.value(0)]);
      if (Number.isNaN(api.value(1))) return null;
      const [cx, cy] = at(api.value(1));
      const dot = { type: "circle", shape: { cx, cy, r: 4.5 }, style: { fill: env.color.accent, stroke: env.color.card, lineWidth: 1 } };
      return { type: "group", children: [...whisker(api, env, at(api.value(2)), at(api.value(3)), isUpright), dot] };
    },
  };
}

/** Estimates as rows, with a limit line or a second mark to compare with. */
function rowEstimates(env, { names, estimates, format, max, isShare, mark, expected, labels, tips }) {
  const series = [estimateSeries(env, estimates, false, labels?.found)];
  if (mark) series[0].markLine = limitLine(env, mark.at, mark.label);
  if (expected) {
    series.push({
      type: "scatter",
      name: labels.expected,
      symbol: "diamond",
      symbolSize: 13,
      data: expected.map((value, index) => [value, index]),
      itemStyle: { color: "transparent", borderColor: env.color.limit, borderWidth: 2 },
    });
  }
  return {
    ...base(env, tips),
    legend: { ...legend(env, Boolean(expected)), data: expected ? [{ name: labels.found, icon: "circle" }, { name: labels.expected, icon: "diamond" }] : [] },
    grid: rowGrid(env, { top: mark || expected ? 30 : 8, right: 24 }),
    xAxis: isShare ? shareAxis(env) : valueAxis(env, format, { max, min: 0, axisLabel: { color: env.color.muted, fontSize: 11, formatter: format, hideOverlap: true, showMaxLabel: !max } }),
    yAxis: rowAxis(env, names),
    series,
  };
}

/** Estimates along time. */
function timeEstimates(env, { names, estimates, tips }) {
  const line = {
    type: "line",
    silent: true,
    symbol: "none",
    data: estimates.map((estimate) => estimate?.value ?? null),
    lineStyle: { color: env.color.accent, width: 1.5 },
  };
  return {
    ...base(env, tips),
    grid: rowGrid(env, { right: 12 }),
    xAxis: monthAxis(env, names),
    yAxis: { ...shareAxis(env), interval: 0.25 },
    series: [line, estimateSeries(env, estimates, true)],
  };
}

/** Columns along time. */
function timeBars(env, { names, values, tips }) {
  return {
    ...base(env, tips),
    grid: rowGrid(env, { right: 12 }),
    xAxis: monthAxis(env, names),
    yAxis: valueAxis(env, (value) => show("short", value), { min: 0 }),
    series: [{ type: "bar", data: values, barMaxWidth: 26, itemStyle: { color: env.color.accent, borderRadius: [2, 2, 0, 0] } }],
  };
}
