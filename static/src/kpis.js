// Draws the charts of the KPI page from its table.
import "./page.js";

const { uPlot } = window;
const hue = (element, name = "color") => getComputedStyle(element)[name];
let plots = [];

/** @param {HTMLElement} box names its columns @param {HTMLTableRowElement[]} rows */
function plot(box, rows) {
  const columns = box.dataset.columns.split(" ");
  const keys = box.parentElement.querySelectorAll(".key");
  const out = box.parentElement.querySelector(".readout");
  const axis = { stroke: hue(box), font: `11px ${hue(box, "fontFamily")}`, grid: { stroke: hue(box, "borderTopColor"), width: 1 }, ticks: { show: false } };
  const paths = box.dataset.kind === "bars" ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined;
  const line = (_, n) => ({ stroke: hue(keys[n]), fill: paths && hue(keys[n]), width: 2, dash: n ? [6, 4] : [], paths });
  const told = ({ cursor: { idx } }) =>
    (out.textContent = idx == null ? "" : [0, ...columns].map((at) => rows[idx].cells[at].textContent).join(" · "));
  const value = ({ dataset: { v } }) => (v ? +v : null);
  const places = rows.map((_, n) => n);
  const every = Math.ceil((rows.length * 70) / box.clientWidth);
  return new uPlot(
    {
      width: box.clientWidth,
      height: box.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false }, sync: { key: "kpis" } },
      scales: {
        x: { time: false, range: [-0.5, rows.length - 0.5] },
        y: { range: (_, low, high) => [0, +box.dataset.top || Math.max(high * 1.1, 1)] },
      },
      axes: [
        { ...axis, size: 28, splits: () => places.filter((n) => n % every < 1), values: (_, at) => at.map((n) => rows[n].dataset.tick) },
        { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1e3, 1e4, 1e5] },
      ],
      series: [{}, ...columns.map(line)],
      hooks: { setCursor: [told] },
    },
    [places, ...columns.map((at) => rows.map((row) => value(row.cells[at])))],
    box,
  );
}

function draw() {
  for (const one of plots) one.destroy();
  const table = document.getElementById("series");
  const boxes = table ? [...document.querySelectorAll(".plot")] : [];
  plots = boxes.map((box) => plot(box, [...table.tBodies[0].rows]));
}

document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "figures" && draw());
for (const what of ["responseError", "sendError", "timeout"])
  document.addEventListener(`htmx:${what}`, ({ target }) => target.classList.add("failed"));
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("resize", draw);
