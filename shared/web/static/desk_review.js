// The review desk by the keyboard: rows, verdicts, reasons. Single letters are off in text fields and dialogs.
const review = document.querySelector("[data-review]");
const keys = document.querySelector("[data-keys]");
const criteria = review ? [...review.querySelectorAll("[data-criterion]")] : [];
let current = 0;

const chosen = (criterion) => criterion.querySelector("input:checked");
const approve = () => document.querySelector("[data-approve]");

function show() {
  criteria.forEach((criterion, n) => {
    criterion.classList.toggle("now", n === current);
    const verdict = chosen(criterion);
    const words = criterion.querySelector("textarea");
    criterion.classList.toggle("idle", Boolean(words) && !words.value && !(verdict && verdict.value !== "meets"));
    criterion.querySelectorAll(".verdicts label").forEach((label) => {
      label.classList.toggle("chosen", label.querySelector("input").checked);
    });
  });
  const lacks = criteria.filter((criterion) => !chosen(criterion));
  const failed = criteria.filter((criterion) => chosen(criterion) && chosen(criterion).value === "fails");
  const said = document.querySelector("[data-lacks]");
  if (!approve()) {
    return;
  }
  approve().setAttribute("aria-disabled", String(lacks.length + failed.length > 0));
  approve().textContent = lacks.length ? `通过立项（差 ${lacks.length} 项）` : "通过立项";
  said.textContent = lacks.length
    ? `“${lacks[0].dataset.criterion}”未评，评完方可通过`
    : failed.length
      ? `“${failed[0].dataset.criterion}”不符合，应退回修改`
      : "四项已评，可以通过";
}

function go(n) {
  if (n < criteria.length) {
    current = n;
    const field = chosen(criteria[n]) || criteria[n].querySelector("input");
    if (field) {
      field.focus();
    }
  } else if (approve()) {
    approve().focus();
  }
  show();
}

function pick(n) {
  const field = criteria[current] && criteria[current].querySelectorAll("input")[n];
  if (!field) {
    return;
  }
  field.checked = true;
  save();
  show();
  if (n === 0) {
    go(current + 1);
  } else {
    write(criteria[current]);
  }
}

function write(criterion) {
  const words = criterion && criterion.querySelector("textarea");
  if (words) {
    criterion.classList.remove("idle");
    words.focus();
  }
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[here + step];
  if (next) {
    location.assign(next.href);
  }
}

function inText(element) {
  return element.matches("textarea, select, input:not([type=radio])") || element.isContentEditable;
}

document.addEventListener("keydown", (event) => {
  if (keys.open || event.altKey || event.metaKey) {
    return;
  }
  const target = event.target;
  if (inText(target)) {
    if (event.key === "Escape") {
      go(current);
    } else if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      if (target.name === "reason") {
        document.querySelector("[data-return]").click();
      } else {
        go(current + 1);
      }
    }
    return;
  }
  if (event.ctrlKey) {
    return;
  }
  const act = {
    j: () => move(1),
    k: () => move(-1),
    1: () => pick(0),
    2: () => pick(1),
    3: () => pick(2),
    n: () => write(criteria[current]),
    r: () => review && review.querySelector("#reason") && review.querySelector("#reason").focus(),
    "?": () => keys.showModal(),
  }[event.key.toLowerCase()];
  if (act) {
    event.preventDefault();
    act();
  } else if (event.key === "Enter" && !target.matches("a, button, summary")) {
    event.preventDefault();
    go(current + 1);
  }
});

// What is chosen and written is kept in this browser until it is sent.
const KEPT = review ? `guatu-review-${review.dataset.review}` : "";
const fields = () => [...review.elements].filter((field) => field.name && !field.name.startsWith("_"));

function save() {
  const kept = {};
  fields().forEach((field) => {
    if (field.type !== "radio" || field.checked) {
      kept[field.name] = field.value;
    }
  });
  localStorage.setItem(KEPT, JSON.stringify(kept));
  const now = new Date();
  const clock = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  review.querySelector("[data-draft]").textContent = `草稿已存本机 ${clock}`;
}

if (review) {
  const kept = JSON.parse(localStorage.getItem(KEPT) || "null");
  if (kept && !review.querySelector(".refusal")) {
    fields().forEach((field) => {
      if (field.type === "radio") {
        field.checked = kept[field.name] === field.value;
      } else if (kept[field.name]) {
        field.value = kept[field.name];
      }
    });
  }
  review.addEventListener("input", save);
  review.addEventListener("change", show);
  review.addEventListener("focusin", (event) => {
    const n = criteria.indexOf(event.target.closest("[data-criterion]"));
    if (n >= 0) {
      current = n;
    }
    show();
    if (n < 0) {
      criteria.forEach((criterion) => criterion.classList.remove("now"));
    }
  });
  review.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      go(criteria.findIndex((criterion) => !chosen(criterion) || chosen(criterion).value === "fails"));
      return;
    }
    localStorage.removeItem(KEPT);
  });
  const first = criteria.findIndex((criterion) => !chosen(criterion));
  if (!document.querySelector("[autofocus]")) {
    go(first < 0 ? 0 : first);
  }
  show();
}
