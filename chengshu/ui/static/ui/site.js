// Charts, and small helps that pages do without where scripts are off.
(() => {
  const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const coloured = (value) => {
    if (typeof value === "string" && value.startsWith("var(--")) return styleOf(value.slice(4, -1)) || "#888";
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
    return value;
  };

  // Axes are drawn in the theme's own colours; what a figure says of them goes before.
  const inked = (axis) => {
    if (!axis) return axis;
    if (Array.isArray(axis)) return axis.map(inked);
    const ink = styleOf("--tblr-body-color"), line = { lineStyle: { color: styleOf("--site-rule") } };
    return {
      ...axis,
      nameTextStyle: { color: ink, ...axis.nameTextStyle },
      axisLabel: { color: ink, ...axis.axisLabel },
      axisLine: { ...line, ...axis.axisLine },
      axisTick: { ...line, ...axis.axisTick },
      splitLine: { ...line, ...axis.splitLine },
    };
  };

  // A heat map of shares says row, column and share; no figure can hand over a function.
  const heatTip = (options) => (event) => {
    const [x, y, share] = event.value;
    const told = Number.isFinite(share) ? `${Math.round(share * 100)}%` : event.name;
    return `${options.yAxis.data[y]}\n${options.xAxis.data[x]}  ${told}`;
  };

  function finished(options) {
    const ink = styleOf("--tblr-body-color");
    const isHeat = options.series?.[0]?.type === "heatmap";
    return {
      textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily },
      animation: false,
      aria: { enabled: false },
      grid: { left: 8, right: 16, top: 24, bottom: 8, containLabel: true },
      ...options,
      legend: options.legend && { ...options.legend, textStyle: { color: ink }, inactiveColor: styleOf("--site-rule") },
      xAxis: inked(options.xAxis),
      yAxis: inked(options.yAxis),
      tooltip: {
        // Drawn within the chart: a tip of HTML would need styles that the page's policy forbids.
        confine: true, trigger: "item", renderMode: "richText", ...(isHeat ? { formatter: heatTip(options) } : {}),
        backgroundColor: styleOf("--tblr-bg-surface"), borderColor: styleOf("--site-rule"), textStyle: { color: ink },
        ...options.tooltip,
      },
    };
  }

  function draw(place) {
    const data = document.getElementById(place.dataset.chart);
    if (!data || !window.echarts) return;
    place.style.height = `${place.dataset.height || 320}px`;
    window.echarts.getInstanceByDom(place)?.dispose();
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    const { media, ...options } = coloured(JSON.parse(data.textContent));
    chart.setOption(media ? { baseOption: finished(options), media } : finished(options));
    chart.on("click", (event) => { if (event.data?.href) window.location.assign(event.data.href); });
    new ResizeObserver(() => chart.resize()).observe(place);
  }

  function start(root) {
    root.querySelectorAll(".chart[data-chart]").forEach(draw);
  }

  document.addEventListener("DOMContentLoaded", () => start(document));
  if (document.readyState !== "loading") start(document);
  document.addEventListener("htmx:after:swap", (event) => start(event.target));
  new MutationObserver(() => start(document)).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

  // A menu closes with Escape and by a click beside it.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.site-menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      const search = document.getElementById("site-search");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.site-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const printer = event.target.closest("[data-print]");
    if (printer) window.print();
  });
})();
