
"use strict";
(() => {
  const table = document.getElementById("articles");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const results = document.getElementById("results");
  const of = (row) => document.getElementById(row.dataset.id);
  const search = document.getElementById("search");
  const only = document.getElementById("only");
  const simple = new Map();
  const simplified = [...SIMPLIFIED];
  [...TRADITIONAL].forEach((char, at) => simple.set(char, simplified[at]));
  const folded = (text) =>
    [...text.normalize("NFKC").toLowerCase()].map((char) => simple.get(char) || char).join("");
  const said = new Map();
  const texts = (row) => {
    if (!said.has(row)) said.set(row, folded(row.textContent + " " + of(row).textContent));
    return said.get(row);
  };
  const apply = () => {
    const words = folded(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits =
        (!only.value || Number(row.dataset[only.value]) > 0) &&
        words.every((word) => texts(row).includes(word));
      row.hidden = of(row).hidden = !fits;
      shown += fits;
    }
    const counted = COUNTED;
    document.getElementById("count").textContent = counted
      .replace("{shown}", shown)
      .replace("{all}", rows.length);
    document.getElementById("nothing").hidden = shown > 0;
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  only.addEventListener("change", apply);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  search.form.hidden = false;

  const collator = new Intl.Collator("zh", { numeric: true });
  const value = (row, at) => {
    const cell = row.cells[at];
    return cell.dataset.value === undefined ? cell.textContent : cell.dataset.value;
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    const numbers = !head.classList.contains("left");
    button.addEventListener("click", () => {
      const was = head.getAttribute("aria-sort");
      const up = was ? was === "descending" : !numbers;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const number = (row) => { const n = parseFloat(value(row, at)); return isNaN(n) ? -1 : n; };
      const order = numbers
        ? (a, b) => number(a) - number(b)
        : (a, b) => collator.compare(value(a, at), value(b, at));
      rows.sort((a, b) => (up ? order(a, b) : order(b, a)));
      body.append(...rows);
      results.append(...rows.map(of));
    });
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search && search.value) {
      search.value = "";
      apply();
    }
  });
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const one of results.querySelectorAll(".result:not([hidden]) details:not([open])")) {
      one.open = true;
      opened.push(one);
    }
  });
  addEventListener("afterprint", () => {
    for (const one of opened.splice(0)) one.open = false;
  });
  apply();
})();
