// Draws the charts of the KPI page from its table: what a screen reader reads is what is drawn.
import "./page.js";

const { uPlot } = window;
const hue = (element, name = "color") => getComputedStyle(element)[name];
let plots = [];

/** @param {HTMLElement} box names its columns @param {HTMLTableRowElement[]} rows @param {DOMStringMap} by the table's zone and bucket */
function plot(box, rows, { zone, bucket }) {
  const columns = box.dataset.columns.split(" ");
  const keys = box.parentElement.querySelectorAll(".key");
  const out = box.parentElement.querySelector(".readout");
  const axis = { stroke: hue(box), font: `11px ${hue(box, "fontFamily")}`, grid: { stroke: hue(box, "borderTopColor"), width: 1 }, ticks: { show: false } };
  const parts = bucket === "hour" ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  const { format } = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...parts });
  const paths = box.dataset.kind === "bars" ? uPlot.paths.bars({ size: [0.7, 40] }) : undefined;
  const line = (_, n) => ({ stroke: hue(keys[n]), fill: paths && hue(keys[n]), width: 2, dash: n ? [6, 4] : [], paths });
  const told = ({ cursor: { idx } }) =>
    (out.textContent = idx == null ? "" : [0, ...columns].map((at) => rows[idx].cells[at].textContent).join(" · "));
  const value = ({ dataset: { v } }) => (v ? +v : null);
  return new uPlot(
    {
      width: box.clientWidth,
      height: box.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false }, sync: { key: "kpis" } },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
      scales: { y: { range: (_, low, high) => [0, +box.dataset.top || Math.max(high * 1.1, 1)] } },
      axes: [{ ...axis, space: 70, values: (_, at) => at.map((one) => format(one * 1000)) }, { ...axis, size: 44 }],
      series: [{}, ...columns.map(line)],
      hooks: { setCursor: [told] },
    },
    [
      rows.map((row) => Date.parse(row.querySelector("time").dateTime) / 1000),
      ...columns.map((at) => rows.map((row) => value(row.cells[at]))),
    ],
    box,
  );
}

function draw() {
  for (const one of plots) one.destroy();
  const table = document.getElementById("series");
  const boxes = table ? [...document.querySelectorAll(".plot")] : [];
  plots = boxes.map((box) => plot(box, [...table.tBodies[0].rows], table.dataset));
}

function offerZone() {
  const link = document.getElementById("my-zone");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!link || !zone || zone === link.dataset.zone) return;
  const here = new URL(location.href);
  here.searchParams.set("zone", zone);
  Object.assign(link, { href: here.href, textContent: `Show in ${zone}`, hidden: false });
}

offerZone();
document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "figures" && draw());
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("resize", draw);
