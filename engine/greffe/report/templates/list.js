"use strict";
(() => {
  const table = document.querySelector("table");
  if (!table) return;
  const body = table.tBodies[0], said = document.getElementById("sorted");
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  // marks between words are one blank, as in the order that the list comes in
  const spelled = text => text.replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
  const heads = [...table.tHead.rows[0].cells];
  const sort = (head, at) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    const byNumber = head.dataset.by === "number";
    const keyed = [...body.rows].map(row => {
      const cell = row.cells[at], text = cell.textContent;
      return [byNumber ? (cell.dataset.v === undefined ? null : Number(cell.dataset.v)) : spelled(text) || text || null, row];
    });
    // what says nothing comes last, whichever way
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      const more = byNumber ? a - b : order.compare(a, b);
      return down ? -more : more;
    });
    // out of the page meanwhile, or every row that moves would have all of them styled anew
    body.remove();
    for (const [, row] of keyed) body.append(row);
    table.append(body);
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    said.textContent = said.dataset.says
      .replace("{heading}", head.textContent).replace("{way}", down ? said.dataset.falling : said.dataset.rising);
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head, at));
    head.replaceChildren(button);
  });
  document.documentElement.classList.add("sorts");
})();
