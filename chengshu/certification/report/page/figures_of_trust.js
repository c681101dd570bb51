"use strict";
// Figures that say how far the result can be trusted, and what each source tells.

function truthFigure(truth) {
  const rows = truth.bands.filter((band) => band.people);
  const format = (value) => show("share", value);
  return {
    id: "calibration",
    half: true,
    words: "truth",
    empty: !rows.length,
    remarks: [say(truth.origin), known(truth.brier) ? t("truth.scores", { brier: show("precise", truth.brier), loss: show("precise", truth.log_loss) }) : null],
    height: () => rows.length * 34 + 72,
    chart: (env) =>
      rowEstimates(env, {
        names: rows.map(bandName),
        estimates: rows.map((band) => band.observed),
        expected: rows.map((band) => band.predicted),
        labels: { found: t("column.observed"), expected: t("column.predicted") },
        isShare: true,
        tips: (i) => tip(bandName(rows[i]), [[t("column.predicted"), format(rows[i].predicted)], [t("column.observed"), format(rows[i].observed.value)], [t("column.interval"), interval("share", rows[i].observed)], [t("column.people"), show("count", rows[i].people)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "band", kind: "text", value: (band) => band.p_low, show: bandName, raw: bandName },
        { label: "people", kind: "count", value: (band) => band.people },
        { label: "predicted", kind: "smallShare", value: (band) => band.predicted },
        ...estimateColumns("observed", "smallShare", (band) => band.observed),
      ],
    },
  };
}

function calibrationFigure() {
  const { truth, bands: rows } = DATA.calibration;
  if (truth) return truthFigure(truth);
  return {
    id: "calibration",
    half: true,
    notes: [t("calibration.absent")],
    empty: !rows.some((band) => band.people),
    height: () => rows.length * 32 + 44,
    chart: (env) =>
      rowBars(env, {
        names: rows.map(bandName),
        values: rows.map((band) => band.people),
        format: (value) => show("count", value),
        tips: (i) => tip(bandName(rows[i]), [[t("column.people"), show("count", rows[i].people)], [t("column.mean_p"), show("smallShare", rows[i].mean_p_alive)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "band", kind: "text", value: (band) => band.p_low, show: bandName, raw: bandName },
        { label: "people", kind: "count", value: (band) => band.people },
        { label: "mean_p", kind: "smallShare", value: (band) => band.mean_p_alive },
        { label: "band_dead", kind: "count", value: (band) => Math.round(band.people * (1 - band.mean_p_alive)) },
      ],
    },
  };
}

function lateDeathsFigure() {
  const rows = DATA.calibration.late_deaths;
  // Every month has its place: one with too few people stays empty.
  const months = [];
  for (const point of rows) months[point.months_since_death] = point;
  for (let i = 0; i < months.length; i += 1) months[i] ??= null;
  return {
    id: "late_deaths",
    half: true,
    empty: !rows.length,
    height: () => besides(300, DATA.calibration.bands.length * 32 + 140),
    chart: (env) =>
      timeEstimates(env, {
        names: months.map((point, number) => String(number)),
        estimates: months.map((point) => point?.p_alive ?? null),
        tips: (i) => months[i] && tip(t("late_deaths.after", { months: i }), [[t("column.mean_p"), show("share", months[i].p_alive.value)], [t("column.interval"), interval("share", months[i].p_alive)], [t("column.people"), show("count", months[i].people)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "months_since_death", kind: "count", value: (point) => point.months_since_death },
        { label: "people", kind: "count", value: (point) => point.people },
        ...estimateColumns("mean_p", "share", (point) => point.p_alive),
      ],
    },
  };
}

function usualSeason(source) {
  if (!source.season.length) return null;
  const most = source.season.indexOf(Math.max(...source.season));
  return `${monthOfYear(most)} ×${show("decimal", source.season[most])}`;
}

function sourcesFigure() {
  const rows = chosenBy(DATA.sources, (source) => source.bits_per_event);
  return {
    id: "sources",
    half: true,
    empty: !rows.length,
    height: () => rows.length * 26 + 34,
    chart: (env) =>
      rowBars(env, {
        names: rows.map((source) => source.name),
        values: rows.map((source) => source.bits_per_event),
        format: (value) => show("seconds", value),
        tips: (i) => tip(rows[i].name, [[t("column.bits"), show("decimal", rows[i].bits_per_event)], [t("column.department"), rows[i].department], [t("column.events"), show("count", rows[i].events)], [t("column.people_seen"), show("count", rows[i].people)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "source", kind: "text", value: (source) => source.name },
        { label: "department", kind: "text", value: (source) => source.department },
        { label: "bits", kind: "decimal", value: (source) => source.bits_per_event },
        { label: "events", kind: "count", value: (source) => source.events },
        { label: "people_seen", kind: "count", value: (source) => source.people },
        { label: "while_away", kind: "share", value: (source) => source.use_while_away },
        { label: "season", kind: "text", value: usualSeason },
        { label: "code", kind: "text", value: (source) => source.code },
      ],
    },
  };
}

function afterDeathFigure() {
  const rows = chosenBy(DATA.sources.filter((source) => source.use_after_death), (source) => source.use_after_death.value);
  const format = (value) => number(value, { style: "percent" });
  return {
    id: "after_death",
    half: true,
    empty: !rows.length,
    height: () => besides(rows.length * 26 + 34, DATA.sources.length * 26 + 34),
    chart: (env) =>
      rowEstimates(env, {
        names: rows.map((source) => source.name),
        estimates: rows.map((source) => source.use_after_death),
        format,
        tips: (i) => tip(rows[i].name, [[t("column.after_death"), show("share", rows[i].use_after_death.value)], [t("column.interval"), interval("share", rows[i].use_after_death)]]),
      }),
    table: {
      rows,
      columns: [
        { label: "source", kind: "text", value: (source) => source.name },
        { label: "department", kind: "text", value: (source) => source.department },
        ...estimateColumns("after_death", "share", (source) => source.use_after_death),
      ],
    },
  };
}
