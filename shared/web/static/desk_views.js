// Saved filters of a list: names and addresses, kept in this browser alone.
const bar = document.querySelector("[data-views]");
const KEPT = "guatu-views";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) || [];
  } catch {
    return [];
  }
}

function show() {
  const list = bar.querySelector("[data-views-list]");
  list.replaceChildren(
    ...kept().map((view) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `${location.pathname}?${view.query}`;
      link.textContent = view.name;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.className = "plain";
      drop.textContent = "删去";
      drop.setAttribute("aria-label", `删去常用筛选：${view.name}`);
      drop.addEventListener("click", () => keep(kept().filter((each) => each.name !== view.name)));
      item.append(link, " ", drop);
      return item;
    }),
  );
}

function keep(views) {
  localStorage.setItem(KEPT, JSON.stringify(views.slice(-20)));
  show();
}

if (bar) {
  bar.hidden = false;
  show();
  bar.querySelector("[data-views-save]").addEventListener("click", () => {
    const field = bar.querySelector("[data-views-name]");
    const name = field.value.trim();
    const said = bar.querySelector("[data-views-said]");
    if (!name) {
      said.textContent = "先取个名";
      field.focus();
      return;
    }
    keep([...kept().filter((each) => each.name !== name), { name, query: bar.dataset.query }]);
    said.textContent = `已存为“${name}”，在这台设备上`;
    field.value = "";
  });
}
