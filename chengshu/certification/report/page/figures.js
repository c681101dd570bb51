"use strict";
// The registry of the page: sections, their figures, and for each its chart and its table.

const decisionColumns = () =>
  DECISIONS.map((name) => ({ label: name, kind: "count", value: (row) => row.decisions[name] }));
const rateOf = (row) => ratio(row.decisions.certified, total(row.decisions));
const estimateColumns = (label, kind, pick) => [
  { label, kind, value: (row) => pick(row)?.value },
  { label: "interval", kind: "text", value: (row) => pick(row)?.low, show: (row) => interval(kind, pick(row)), raw: (row) => interval(kind, pick(row)) },
];
const chosenBy = (rows, value) => [...rows].sort((a, b) => (value(b) ?? -1) - (value(a) ?? -1));
const byDecision = (format, pairs) => pairs.map(([name, value]) => [t(`column.${name}`), show(format, value)]);

// Two figures side by side look better with charts of one height; on a phone each takes what it needs.
const besides = (own, other) => (window.innerWidth <= 860 || document.documentElement.hasAttribute("data-paper") ? own : Math.max(own, other));

function funnelFigure() {
  const { people, benefit_rows: rows } = DATA.funnel;
  const steps = [
    { name: t("funnel.entitled"), count: total(people), rows: total(rows), color: "muted" },
    ...DECISIONS.map((name) => ({ name: t(`column.${name}`), count: people[name], rows: rows[name], color: name })),
  ];
  const share = (step) => ratio(step.count, total(people));
  return {
    id: "funnel",
    empty: !total(people),
    height: () => 224,
    chart: (env) =>
      waterfall(env, {
        names: steps.map((step) => step.name),
        values: steps.map((step) => step.count),
        colors: steps.map((step) => env.color[step.color]),
        labels: steps.map((step) => `${show("count", step.count)} · ${show("share", share(step))}`),
        tips: (i) => tip(steps[i].name, [[t("column.people"), show("count", steps[i].count)], [t("column.share"), show("share", share(steps[i]))], [t("column.benefit_rows"), show("count", steps[i].rows)]]),
      }),
    table: {
      rows: [{ name: t("funnel.residents"), count: DATA.funnel.residents }, ...steps],
      columns: [
        { label: "step", kind: "text", value: (step) => step.name },
        { label: "people", kind: "count", value: (step) => step.count },
        { label: "share", kind: "share", value: (step) => (known(step.rows) ? share(step) : null) },
        { label: "benefit_rows", kind: "count", value: (step) => step.rows },
      ],
    },
  };
}

function countyRateFigure() {
  const rows = chosenBy(DATA.counties, rateOf);
  const all = ratio(DATA.funnel.people.certified, total(DATA.funnel.people));
  return {
    id: "county_rate",
    half: true,
    empty: !rows.length,
    height: () => rows.length * 27 + 60,
    chart: (env) =>
      rowBars(env, {
        names: rows.map((row) => row.name),
        values: rows.map(rateOf),
        format: (value) => show("share", value),
        isShare: true,
        color: env.color.certified,
        mark: known(all) ? { at: all, label: t("mark.city", { share: show("share", all) }) } : null,
        tips: (i) => tip(rows[i].name, [[t("column.rate"), show("share", rateOf(rows[i]))], [t("column.people"), show("count", total(rows[i].decisions))]]),
      }),
    table: {
      rows,
      columns: [
        { label: "county", kind: "text", value: (row) => row.name },
        { label: "code", kind: "text", value: (row) => row.code },
        { label: "people", kind: "count", value: (row) => total(row.decisions) },
        { label: "rate", kind: "share", value: rateOf },
        ...decisionColumns(),
      ],
    },
  };
}

function countyDeadFigure() {
  const rows = chosenBy(DATA.counties.filter((row) => row.expected_dead_share), (row) => row.expected_dead_share.value);
  const limit = DATA.safety.max_dead_share;
  const format = (value) => show("smallShare", value);
  return {
    id: "county_dead",
    half: true,
    empty: !rows.length,
    height: () => rows.length * 27 + 60,
    chart: (env) =>
      rowEstimates(env, {
        names: rows.map((row) => row.name),
        estimates: rows.map((row) => row.expected_dead_share),
        format,
        max: Math.max(limit, ...rows.map((row) => row.expected_dead_share.high)) * 1.08,
        mark: { at: limit, label: t("mark.limit", { share: format(limit) }) },
        tips: (i) => tip(rows[i].name, [[t("column.dead_share"), format(rows[i].expected_dead_share.value)], [t("column.interval"), interval("smallShare", rows[i].expected_dead_share)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "county", kind: "text", value: (row) => row.name },
        { label: "certified", kind: "count", value: (row) => row.decisions.certified },
        ...estimateColumns("dead_share", "smallShare", (row) => row.expected_dead_share),
      ],
    },
  };
}

function benefitFigure() {
  const rate = (row) => ratio(row.certified, row.people);
  const rows = chosenBy(DATA.benefits, rate);
  return {
    id: "benefit",
    empty: !rows.length,
    height: (env) => rows.length * (isNarrow(env) ? 32 : 24) + 34,
    chart: (env) =>
      rowBars(env, {
        names: rows.map((row) => row.name),
        values: rows.map(rate),
        format: (value) => show("share", value),
        isShare: true,
        color: env.color.certified,
        tips: (i) => tip(rows[i].name, [[t("column.rate"), show("share", rate(rows[i]))], [t("column.people"), show("count", rows[i].people)], [t("column.money"), show("count", Math.round(rows[i].monthly_yuan))]]),
      }),
    table: {
      rows,
      columns: [
        { label: "benefit", kind: "text", value: (row) => row.name },
        { label: "department", kind: "text", value: (row) => row.department },
        { label: "people", kind: "count", value: (row) => row.people },
        { label: "certified", kind: "count", value: (row) => row.certified },
        { label: "rate", kind: "share", value: rate },
        { label: "money", kind: "count", value: (row) => Math.round(row.monthly_yuan) },
        { label: "code", kind: "text", value: (row) => row.code },
      ],
    },
  };
}

function remainingCountyFigure() {
  const left = (row) => row.decisions.self_check + row.decisions.visit;
  const rows = chosenBy(DATA.counties, left);
  const part = (name) => ({ name, label: t(`column.${name}`), values: rows.map((row) => row.decisions[name]) });
  return {
    id: "remaining_county",
    half: true,
    empty: !rows.some(left),
    height: () => rows.length * 27 + 70,
    chart: (env) =>
      rowStacks(env, {
        names: rows.map((row) => row.name),
        parts: [part("self_check"), part("visit")],
        tips: (i) => tip(rows[i].name, byDecision("count", ["self_check", "visit"].map((name) => [name, rows[i].decisions[name]]))),
      }),
    table: {
      rows,
      columns: [
        { label: "county", kind: "text", value: (row) => row.name },
        { label: "remaining", kind: "count", value: left },
        { label: "self_check", kind: "count", value: (row) => row.decisions.self_check },
        { label: "visit", kind: "count", value: (row) => row.decisions.visit },
        { label: "remaining_share", kind: "share", value: (row) => ratio(left(row), total(row.decisions)) },
      ],
    },
  };
}

function remainingAgeFigure() {
  const rows = DATA.ages;
  const part = (name) => ({ name, label: t(`column.${name}`), values: rows.map((row) => ratio(row.decisions[name], total(row.decisions)) ?? 0) });
  return {
    id: "remaining_age",
    half: true,
    empty: !rows.some((row) => total(row.decisions)),
    height: () => besides(rows.length * 36 + 92, DATA.counties.length * 27 + 70),
    chart: (env) =>
      rowStacks(env, {
        names: rows.map(ageName),
        parts: DECISIONS.map(part),
        isShare: true,
        tips: (i) => tip(ageName(rows[i]), byDecision("count", DECISIONS.map((name) => [name, rows[i].decisions[name]]))),
      }),
    table: {
      rows,
      columns: [
        { label: "age", kind: "text", value: (row) => row.age_from, show: ageName, raw: ageName },
        { label: "people", kind: "count", value: (row) => total(row.decisions) },
        { label: "rate", kind: "share", value: rateOf },
        ...decisionColumns(),
      ],
    },
  };
}

function feedsFigure() {
  const { months, rows } = DATA.feeds;
  return {
    id: "feeds",
    empty: !rows.length || !months.length,
    legend: feedLegend,
    height: feedMatrixHeight,
    chart: feedMatrix,
    table: {
      rows,
      columns: [
        { label: "source", kind: "text", value: (row) => row.source_name },
        ...months.map((month, i) => ({ title: month.slice(0, 7), kind: "share", value: (row) => row.exposure[i] })),
      ],
    },
  };
}

function brokenFigure() {
  return {
    id: "broken",
    table: {
      isOpen: true,
      rows: DATA.feeds.broken,
      columns: [
        { label: "source", kind: "text", value: (feed) => feed.source_name },
        { label: "county", kind: "text", value: (feed) => feed.county_name ?? t("broken.everywhere") },
        { label: "from", kind: "month", value: (feed) => feed.first_month },
        { label: "until", kind: "month", value: (feed) => feed.last_month },
        { label: "exposure", kind: "share", value: (feed) => feed.exposure },
        { label: "call", kind: "text", value: (feed) => feed.department },
      ],
    },
  };
}

function lapsesFigure() {
  const rows = DATA.lapses;
  return {
    id: "lapses",
    empty: !rows.some((lapse) => lapse.certificates),
    height: () => 260,
    chart: (env) =>
      timeBars(env, {
        names: rows.map((lapse) => lapse.month.slice(0, 7)),
        values: rows.map((lapse) => lapse.certificates),
        tips: (i) => tip(rows[i].month.slice(0, 7), [[t("column.certificates"), show("count", rows[i].certificates)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "month", kind: "month", value: (lapse) => lapse.month },
        { label: "certificates", kind: "count", value: (lapse) => lapse.certificates },
      ],
    },
  };
}

function rejectsFigure() {
  return {
    id: "rejects",
    table: {
      isOpen: true,
      rows: chosenBy(DATA.rejects, (reject) => reject.rows),
      columns: [
        { label: "reason", kind: "text", value: (reject) => say(reject.reason) },
        { label: "resource", kind: "text", value: (reject) => reject.resource },
        { label: "rows", kind: "count", value: (reject) => reject.rows },
        { label: "code", kind: "text", value: (reject) => reject.code },
      ],
    },
  };
}

function stagesFigure() {
  return {
    id: "stages",
    table: {
      isOpen: true,
      rows: DATA.stages,
      columns: [
        { label: "stage", kind: "text", value: (stage) => say(stage.name) },
        { label: "seconds", kind: "seconds", value: (stage) => stage.seconds },
        { label: "rows", kind: "count", value: (stage) => stage.rows },
        { label: "per_second", kind: "count", value: (stage) => (known(stage.rows) && stage.seconds ? Math.round(stage.rows / stage.seconds) : null) },
      ],
    },
  };
}

const SECTIONS = [
  { id: "result", figures: [funnelFigure] },
  { id: "where", figures: [countyRateFigure, countyDeadFigure, benefitFigure] },
  { id: "remaining", figures: [remainingCountyFigure, remainingAgeFigure, lapsesFigure] },
  { id: "trust", figures: [calibrationFigure, lateDeathsFigure] },
  { id: "evidence", figures: [sourcesFigure, afterDeathFigure, feedsFigure, brokenFigure] },
  { id: "run", figures: [rejectsFigure, stagesFigure] },
];
