// Reports survive a line that comes and goes: kept in this browser with their key, sent once when the line is back.
// The key makes the second sending of a report the same report: it is stored once.
// A browser may be used by several people: each sees and sends what is their own.
const AGAIN = 15000;
const report = document.querySelector("form[data-report]");
const place = report || document.querySelector("[data-kept]");
const PREFIX = place && `guatu-report-${place.dataset.person}:`;

const read = (name) => JSON.parse(localStorage.getItem(name) || "null");
const kept = () =>
  Object.keys(localStorage)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => [name, read(name)])
    .filter(([, each]) => each && each.waiting);

function clock() {
  const now = new Date();
  return [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

// One of: taken (and where to go), refused by the server, or no answer.
async function send(each) {
  let answer;
  try {
    answer = await fetch(each.action, {
      method: "POST",
      body: new URLSearchParams(each.fields),
      headers: { Accept: "text/html" },
    });
  } catch {
    return { outcome: "unanswered" };
  }
  if (answer.ok && answer.redirected) {
    return { outcome: "taken", next: answer.url };
  }
  return { outcome: answer.status >= 500 || answer.status === 429 ? "unanswered" : "refused", status: answer.status };
}

function name() {
  return `${PREFIX}${report.getAttribute("action")}-${report.elements.month.value}`;
}

function say(words, waiting) {
  const said = report.querySelector("[data-said]");
  said.textContent = words;
  said.classList.toggle("waiting", Boolean(waiting));
}

function keep(waiting) {
  const fields = Object.fromEntries(new FormData(report));
  localStorage.setItem(
    name(),
    JSON.stringify({ action: report.getAttribute("action"), title: report.dataset.title, fields, waiting, at: clock() }),
  );
}

let sending = false;

async function submit() {
  if (sending) {
    return;
  }
  sending = true;
  keep(true);
  say("正在提交");
  const each = read(name());
  const { outcome, next, status } = await send(each);
  sending = false;
  if (outcome === "taken") {
    localStorage.removeItem(name());
    location.assign(next);
  } else if (outcome === "refused") {
    keep(false);
    if (status === 401) {
      say("登录已过期，填的已存本机；重新登录后再提交", true);
    } else {
      // The server's page says what is wrong, beside the fields.
      report.submit();
    }
  } else {
    say(`没有网络，已存本机 ${clock()}，来网后自动提交，不用重填`, true);
  }
}

async function sendKept() {
  const waiting = kept();
  const box = document.querySelector("[data-kept]");
  const said = document.querySelector("[data-kept-said]");
  box.hidden = waiting.length === 0;
  said.textContent = waiting.map(([, each]) => `${each.title}，${each.at} 填`).join("；");
  for (const [name, each] of waiting) {
    const { outcome } = await send(each);
    if (outcome === "taken") {
      localStorage.removeItem(name);
      said.textContent = `已提交：${each.title}`;
    } else if (outcome === "refused") {
      localStorage.setItem(name, JSON.stringify({ ...each, waiting: false }));
      said.textContent = `没有收下：${each.title}。请打开它再看，填的还在`;
    }
  }
}

const retry = () => (report ? read(name()) && read(name()).waiting && submit() : sendKept());

if (report) {
  const percent = report.elements.percent;
  const bar = report.querySelector("[data-now]");
  const step = (by) => {
    percent.value = String(Math.min(100, Math.max(0, Math.round((Number(percent.value) + by) * 100) / 100)));
    percent.dispatchEvent(new Event("input", { bubbles: true }));
  };
  report.querySelector("[data-figure]").classList.remove("plain");
  for (const [button, by] of [["[data-less]", -1], ["[data-more]", 1]]) {
    report.querySelector(button).hidden = false;
    report.querySelector(button).addEventListener("click", () => step(by));
  }
  const before = read(name());
  if (before && !report.querySelector(".refusal")) {
    for (const field of ["percent", "note", "help_needed", "_key"]) {
      report.elements[field].value = before.fields[field] ?? "";
    }
    say(`接着 ${before.at} 填的，已存本机，无网也可提交`, before.waiting);
  }
  const draw = () => bar.setAttribute("width", String(Math.min(100, Math.max(0, Number(percent.value)))));
  draw();
  report.addEventListener("input", () => {
    draw();
    keep(false);
    say(`已存本机 ${clock()}，无网也可提交`);
  });
  report.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
}
if (place) {
  retry();
  window.addEventListener("online", retry);
  setInterval(retry, AGAIN);
}
