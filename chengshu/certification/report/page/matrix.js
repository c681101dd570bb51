"use strict";
// Sources × months. Steps of colour instead of a ramp: a step can be named, and found again in the legend.

const FEED_STEPS = [
  { name: "feed-gone", below: 0.1 },
  { name: "feed-poor", below: 0.5 },
  { name: "feed-thin", below: 0.9 },
  { name: "feed-full", below: 1.15 },
  { name: "feed-over", below: Infinity },
];

function feedStep(exposure) {
  return known(exposure) ? FEED_STEPS.find((step) => exposure < step.below).name : "feed-none";
}

function feedLegend() {
  const names = ["feed-gone", "feed-poor", "feed-thin", "feed-full", "feed-over", "feed-none"];
  const items = names.map((name) => h("li", {}, h("span", { class: `swatch ${name}`, "aria-hidden": "true" }), t(`step.${name}`)));
  items.push(h("li", {}, h("span", { class: "swatch mark", "aria-hidden": "true" }, "×"), t("step.broken")));
  return h("ul", { class: "legend" }, items);
}

function isBroken(code, month) {
  return DATA.feeds.broken.some((feed) => feed.source_code === code && feed.first_month <= month && month <= feed.last_month);
}

function feedCells() {
  return DATA.feeds.rows.flatMap((row, y) =>
    row.exposure.map((exposure, x) => ({
      value: [x, y],
      exposure,
      row,
      month: DATA.feeds.months[x],
      broken: isBroken(row.source_code, DATA.feeds.months[x]),
    })),
  );
}

function feedMatrixHeight(env) {
  return DATA.feeds.rows.length * (isNarrow(env) ? 38 : 22) + 34;
}

function drawFeedCell(env, cell, api) {
  const [cx, cy] = api.coord([api.value(0), api.value(1)]);
  const [width, height] = api.size([1, 1]);
  // On a phone the name stands above its strip, so that the months get the whole width.
  const strip = isNarrow(env) ? { y: cy - height / 2 + 20, height: 16 } : { y: cy - height / 2 + 1, height: height - 2 };
  const gap = width > 8 ? 1 : 0.5;
  const shape = { x: cx - width / 2 + gap / 2, y: strip.y, width: width - gap, height: strip.height };
  const children = [{ type: "rect", shape, style: { fill: env.color[feedStep(cell.exposure)] } }];
  if (cell.broken) {
    const r = Math.min(shape.width, 9) / 2 - 0.5;
    const middle = [cx, strip.y + strip.height / 2];
    const stroke = (sign) => ({
      type: "line",
      shape: { x1: middle[0] - r, y1: middle[1] - sign * r, x2: middle[0] + r, y2: middle[1] + sign * r },
      style: { stroke: feedStep(cell.exposure) === "feed-gone" ? env.color.card : env.color.ink, lineWidth: 1.6 },
      silent: true,
    });
    children.push(stroke(1), stroke(-1));
  }
  return { type: "group", children };
}

function feedMatrix(env) {
  const cells = feedCells();
  const names = DATA.feeds.rows.map((row) => row.source_name);
  const yAxis = rowAxis(env, names);
  if (isNarrow(env)) {
    Object.assign(yAxis.axisLabel, { inside: true, align: "left", verticalAlign: "bottom", padding: [0, 0, 3, -8], width: env.width - 20, overflow: "truncate" });
    yAxis.z = 10;
  }
  const xAxis = monthAxis(env, DATA.feeds.months.map((month) => month.slice(0, 7)));
  const step = isNarrow(env) ? 12 : 6;
  xAxis.axisLabel.interval = (index, name) => (Number(name.slice(5)) - 1) % step === 0;
  xAxis.position = "top";
  xAxis.axisLabel.align = "left";
  return {
    ...base(env, (index) => feedTip(cells[index])),
    grid: rowGrid(env, { top: 4, right: 4, bottom: 0 }),
    xAxis,
    yAxis,
    series: [{ type: "custom", data: cells, renderItem: (params, api) => drawFeedCell(env, cells[params.dataIndex], api) }],
  };
}

function feedTip(cell) {
  const lines = [
    [t("column.month"), show("month", cell.month)],
    [t("column.exposure"), show("share", cell.exposure)],
  ];
  if (cell.broken) lines.push([t("step.broken"), "×"]);
  return tip(cell.row.source_name, lines);
}
