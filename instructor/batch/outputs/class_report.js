"use strict";
// Everything that comes from the data goes into the page as text, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const page = document.getElementById("page");
const dialog = document.getElementById("feedback");
const graded = data.rows.filter((row) => row.score !== null);
const state = { sort: "name", order: "ascending", filter: "", open: "", only: "" };
const defaults = { ...state };

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "click") node.addEventListener("click", value);
    else if (name === "width") node.style.width = value;
    else node.setAttribute(name, value);
  }
  node.append(...children); // strings become text
  return node;
}

function draw(tag, attributes, text = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(text);
  return node;
}

const plain = (number) => String(Math.round(number * 100) / 100);
const students = (count) => `${count} ${count === 1 ? "student" : "students"}`;
const card = (title, className, ...content) =>
  make("section", { class: `card ${className}` }, make("h2", {}, title), ...content);
const soft = (...content) => make("p", { class: "soft" }, ...content);
const button = (title, click, attributes = {}) => make("button", { type: "button", click, ...attributes }, title);
const action = (title, click) => button(title, click, { class: "action" });
const opener = (row) => button(row.name, () => open(row));

// Distribution of scores, drawn anew when the width changes so that its text keeps its size.
function histogram() {
  const bins = graded.length < 60 ? 10 : 20;
  const counts = new Array(bins).fill(0);
  for (const row of graded) {
    const bin = Math.floor((row.score / data.possible) * bins);
    counts[Math.max(0, Math.min(bins - 1, bin))] += 1;
  }
  const most = Math.max(1, ...counts);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => most / size <= 5) || 1000;
  const svg = draw("svg", { role: "img", "aria-label": `How many students have how many points: ${counts.join(", ")}` });
  const [left, right, top, bottom, height] = [46, 12, 10, 44, 250];
  function redraw(width) {
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const across = width - left - right, up = height - top - bottom;
    const highest = Math.ceil(most / step) * step;
    for (let count = 0; count <= highest; count += step) {
      const y = top + up * (1 - count / highest);
      svg.append(draw("line", { x1: left, x2: width - right, y1: y, y2: y }));
      svg.append(draw("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, count));
    }
    counts.forEach((count, bin) => {
      const from = (bin * data.possible) / bins, to = ((bin + 1) * data.possible) / bins;
      const bar = draw("rect", {
        x: left + (across * bin) / bins + 1, width: across / bins - 2,
        y: top + up * (1 - count / highest), height: (up * count) / highest,
      });
      bar.append(draw("title", {}, `${plain(from)} to ${plain(to)} points: ${students(count)}`));
      svg.append(bar);
    });
    for (let tick = 0; tick <= 5; tick += 1) {
      const x = left + (across * tick) / 5;
      svg.append(draw("text", { x, y: height - bottom + 16, "text-anchor": "middle" }, plain((tick * data.possible) / 5)));
    }
    svg.append(draw("text", { x: left + across / 2, y: height - 6, "text-anchor": "middle" }, "Points"));
    const y = top + up / 2;
    svg.append(draw("text", { x: 12, y, "text-anchor": "middle", transform: `rotate(-90 12 ${y})` }, "Students"));
  }
  const box = make("div", {}, svg);
  new ResizeObserver(() => redraw(Math.max(240, box.clientWidth))).observe(box);
  return box;
}

function summary() {
  const scores = graded.map((row) => row.score).sort((a, b) => a - b);
  if (!scores.length) return "No submission has a grade.";
  const half = scores.length / 2;
  const median = (scores[Math.ceil(half) - 1] + scores[Math.floor(half)]) / 2;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return `Median ${plain(median)}, mean ${mean.toFixed(1)}, from ${plain(scores[0])} to ${plain(scores.at(-1))} of ${plain(data.possible)} points.`;
}

function bar(...pieces) {
  return make("div", { class: "bar" }, ...pieces.filter(([, share]) => share > 0)
    .map(([className, share]) => make("i", { class: className, width: `${100 * share}%` })));
}

function partBars() {
  const bars = make("div", { class: "bars" });
  data.parts.forEach((part, n) => {
    const full = graded.filter((row) => row.parts[n] >= part.possible - 1e-6).length;
    const some = graded.filter((row) => row.parts[n] > 0).length - full;
    const of = Math.max(1, graded.length);
    const piece = bar(["full", full / of], ["part", some / of]);
    piece.title = `${part.title}: ${full} all points, ${some} some, ${graded.length - full - some} none`;
    bars.append(make("span", {}, part.title), piece,
      make("span", { class: "number" }, `${Math.round((100 * full) / of)} %`));
  });
  const key = soft(make("span", { class: "key full" }), "all points",
    make("span", { class: "key part" }), "some", make("span", { class: "key none" }), "none");
  return [bars, key, soft("The number is the share of graded students with all points of the part.")];
}

function ranked(entries, kind) {
  const items = entries.map((entry, n) => {
    const examples = entry.rows.slice(0, 3).flatMap((row) => [opener(data.rows[row]), " "]);
    const rest = entry.rows.length - 3;
    const all = button("show in the table", () => showOnly(`${kind}-${n}`));
    return make("li", {},
      make("div", { class: "count", title: students(entry.rows.length) }, String(entry.rows.length),
        bar(["full", entry.rows.length / data.rows.length])),
      make("div", {}, make("p", {}, entry.text),
        soft(entry.part ? `${entry.part}: ` : "", ...examples, rest > 0 ? `and ${rest} more ` : "", "· ", all),
        ...(entry.code ? [make("details", {}, make("summary", {}, "the first one's code"), make("pre", {}, entry.code))] : [])));
  });
  return shortened(items, { class: "ranked" });
}

// A list whose end is folded away if it is long.
function shortened(items, attributes = {}) {
  const list = (some) => make("ul", attributes, ...some);
  if (items.length <= 12) return [list(items)];
  const more = make("details", {}, make("summary", {}, `${items.length - 10} more`), list(items.slice(10)));
  return [list(items.slice(0, 10)), more];
}

function ungraded() {
  const rows = data.rows.filter((row) => row.score === null);
  if (!rows.length) return [soft("Every submission has a grade.")];
  return [soft("These have no grade, which is not the same as zero points."),
    ...shortened(rows.map((row) => make("li", {}, opener(row), `: ${row.reason}`)))];
}

function pairs() {
  if (data.similarNote) return [soft(data.similarNote)];
  return [...alike(), ...notCompared()];
}

function notCompared() {
  if (!data.notCompared.length) return [];
  return [soft(data.words.notCompared),
    ...shortened(data.notCompared.map((row) => make("li", {}, opener(data.rows[row]))))];
}

function alike() {
  if (!data.similar.length) return [soft("No two submissions are nearly the same.")];
  const hidden = data.similarCount - data.similar.length;
  const items = data.similar.map(([a, b, share]) => make("li", {},
    `${share}: `, opener(data.rows[a]), " and ", opener(data.rows[b])));
  return [soft("A hint, not a verdict: read both before you think anything of it. What stands in the assignment's own file, comments and layout do not count."), ...shortened(items),
    hidden > 0 ? soft(`${hidden} more pairs are not listed.`) : ""];
}

// The table.
const columns = [
  { key: "name", title: "Name", value: (row) => row.name },
  { key: "score", title: `Points of ${plain(data.possible)}`, value: (row) => row.score },
  ...data.parts.map((part, n) => ({
    key: part.key, title: part.title, possible: part.possible, value: (row) => row.parts && row.parts[n],
  })),
  { key: "status", title: "Status", value: (row) => row.status },
];
const body = make("tbody");
const count = make("span", { class: "soft", role: "status" });
const filter = make("input", { type: "search", id: "filter", autocomplete: "off" });
const chip = action("", () => showOnly(""));
const headers = new Map();
let shown = [];

function cell(column, row) {
  const value = column.value(row);
  if (typeof value === "string") return make("td", {}, value);
  if (value === null) return make("td", { class: "points", title: "no grade" }, "–");
  const short = column.possible !== undefined && value < column.possible - 1e-6;
  return make("td", { class: `points ${short ? (value > 0 ? "half" : "zero") : ""}` }, plain(value));
}

function table() {
  const head = make("tr");
  for (const column of columns) {
    const header = make("th", { scope: "col" },
      button(column.title, () => sortBy(column.key), { "data-sort": column.key }));
    headers.set(column.key, header);
    head.append(header);
  }
  for (const row of data.rows) {
    const name = make("th", { scope: "row" }, opener(row), make("span", { class: "soft", title: row.more }, row.more));
    row.node = make("tr", { "data-id": row.id }, name, ...columns.slice(1).map((column) => cell(column, row)));
    row.words = `${row.name} ${row.more} ${row.status}`.toLocaleLowerCase();
  }
  const label = make("label", { for: "filter" }, "Filter by name or status");
  const box = make("div", { class: "box", role: "region", tabindex: "0", "aria-label": "Students" },
    make("table", {}, make("thead", {}, head), body));
  return [make("div", { class: "tools" }, label, filter, chip, count), box];
}

function compare(a, b) {
  const { value } = columns.find((column) => column.key === state.sort);
  const [x, y] = [value(a), value(b)];
  if (x === null || y === null) return (x === null) - (y === null); // no grade: last either way
  const order = typeof x === "string" ? collator.compare(x, y) : x - y;
  return state.order === "ascending" ? order : -order;
}
const collator = new Intl.Collator(undefined, { numeric: true });

function chosen() {
  const [kind, n] = state.only.split("-");
  return { mistake: data.misconceptions, trouble: data.troubles, unnamed: data.unnamed }[kind]?.[n];
}

function update() {
  const words = state.filter.trim().toLocaleLowerCase().split(/\s+/);
  const only = chosen();
  const rows = only ? only.rows.map((row) => data.rows[row]) : data.rows;
  shown = rows.filter((row) => words.every((word) => row.words.includes(word))).sort(compare);
  body.replaceChildren(...shown.map((row) => row.node));
  count.textContent = `${shown.length} of ${students(data.rows.length)}`;
  chip.hidden = !only;
  chip.textContent = only ? `Only: ${only.text} (show all)` : "";
  for (const [key, header] of headers) {
    const mark = key === state.sort ? (state.order === "ascending" ? " ▲" : " ▼") : "";
    header.setAttribute("aria-sort", mark ? state.order : "none");
    const { title } = columns.find((column) => column.key === key);
    header.firstChild.textContent = title + mark;
  }
  remember();
}

function sortBy(key) {
  const again = key === state.sort;
  const first = key === "name" || key === "status" ? "ascending" : "descending";
  state.order = again ? (state.order === "ascending" ? "descending" : "ascending") : first;
  state.sort = key;
  update();
}

function showOnly(which) {
  state.only = which;
  update();
  if (which) {
    document.getElementById("table").scrollIntoView();
    chip.focus({ preventScroll: true });
  } else filter.focus();
}

// A student's feedback.
function output(text) {
  const nodes = [];
  let printed = false;
  for (const line of text.split("\n")) {
    const fixed = printed || line.startsWith("  ");
    const last = nodes.at(-1);
    if (fixed && last?.tagName === "PRE") last.textContent += `\n${line}`;
    else if (line.trim()) nodes.push(make(fixed ? "pre" : "p", {}, line));
    printed ||= line === data.words.printed;
  }
  return nodes;
}

const CLOSE = "Close";

// focused: the label of the button that gets the focus, so that the next row can be opened with it too.
function open(row, focused = CLOSE) {
  const content = make("section");
  if (row.score === null) {
    content.append(make("p", {}, data.words.noGrade), make("p", {}, row.reason));
  } else {
    content.append(make("table", {}, make("tbody", {}, ...data.parts.map((part, n) => make("tr", {},
      make("th", { scope: "row" }, part.title),
      make("td", { class: "number" }, `${plain(row.parts[n])} / ${plain(part.possible)}`))))));
    if (!row.failed.length) content.append(make("p", {}, data.words.allPassed));
    // What is to be said of several tests alike, such as that nothing could run, is said once.
    for (const text of new Set(row.failed.map((test) => test[3]))) {
      const tests = row.failed.filter((test) => test[3] === text);
      const sum = (column) => tests.reduce((total, test) => total + test[column], 0);
      const note = (points, possible, more) => make("span", { class: "soft" }, ` ${plain(points)} / ${plain(possible)} points${more}`);
      const titles = tests.length > data.namedTests ? [`${tests.length} tests`, note(sum(1), sum(2), "")]
        : tests.flatMap(([test, points, possible], n) => {
          const [name, hidden] = data.tests[test];
          return [n ? ", " : "", name, note(points, possible, hidden ? ", hidden test" : "")];
        });
      content.append(make("h3", {}, ...titles), ...output(data.texts[text]));
    }
  }
  const at = shown.indexOf(row);
  const step = (title, target) => {
    const made = action(title, () => open(target, title));
    made.disabled = at < 0 || !target;
    return made;
  };
  const title = row.score === null ? row.name : `${row.name}: ${plain(row.score)} points`;
  dialog.replaceChildren(
    make("header", {}, make("h2", { id: "feedback-name" }, title), step("Previous", shown[at - 1]), step("Next", shown[at + 1]),
      action(CLOSE, () => dialog.close())),
    content);
  if (row.more) content.prepend(soft(row.more));
  if (!dialog.open) dialog.showModal();
  const buttons = [...dialog.querySelectorAll("header button")].filter((one) => !one.disabled);
  (buttons.find((one) => one.textContent === focused) ?? buttons.at(-1)).focus();
  dialog.scrollTop = 0;
  state.open = row.id;
  remember();
}

// The address keeps what is shown: #sort=score&order=descending&filter=ana&open=KEY
function remember() {
  const kept = Object.entries(state).filter(([name, value]) => value !== defaults[name]);
  try {
    history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
  } catch { /* Some viewers allow no change of the address. */ }
}

function recall() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(state)) state[name] = wanted.get(name) ?? defaults[name];
  if (!headers.has(state.sort)) state.sort = defaults.sort;
  filter.value = state.filter;
  const row = data.rows.find(({ id }) => id === state.open);
  update();
  if (row) open(row);
  else if (dialog.open) dialog.close();
}

const without = data.rows.length - graded.length;
page.append(
  make("h1", {}, data.title),
  make("p", { class: "soft" }, `${students(data.rows.length)}, ${graded.length} graded${without ? `, ${without} without a grade` : ""}. ${summary()}`),
  make("div", { class: "cards" },
    card("Points", "", histogram()),
    card("Parts", "", ...partBars()),
    card("Misconceptions of this class", "wide", soft("Students in whose wrong results the tests know the mistake."),
      ...(data.misconceptions.length ? ranked(data.misconceptions, "mistake") : [soft("None was recognized.")])),
    ...(data.unnamed.length ? [card("Mistakes without a name", "wide",
      soft("Who stands in one line returns the same in every test. Name a group, and its members are told: python -m instructor name GROUP \"sentence\" \"what to look at\" --out FOLDER"),
      ...ranked(data.unnamed, "unnamed"))] : []),
    card("What did not run", "", ...(data.troubles.length ? ranked(data.troubles, "trouble") : [soft("Every function ran to its end.")])),
    card("Without a grade", "", ...ungraded()),
    card("Nearly the same", "wide", ...pairs())));
const students_card = card("Students", "wide", ...table());
students_card.id = "table";
page.append(students_card);
filter.addEventListener("input", () => { state.filter = filter.value; update(); });
body.addEventListener("click", (event) => {
  const row = event.target.closest("tr");
  if (!event.target.closest("button")) open(data.rows.find(({ id }) => id === row.dataset.id));
});
dialog.addEventListener("close", () => { state.open = ""; remember(); });
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
window.addEventListener("hashchange", recall);
recall();
