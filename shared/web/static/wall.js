// The living parts of the wall: how fresh it is, what just changed, and lists that take turns.
"use strict";

const SILENT_AFTER = 45_000;
const TURN_EVERY = 12_000;
const OUTLINED_FOR = 2_000;
const UNDER_THE_POINTER_FOR = 5_000;

const pill = document.getElementById("live");
let heardAt = Date.now();

function heard() {
  heardAt = Date.now();
  showFreshness();
}

function showFreshness() {
  const silence = Date.now() - heardAt;
  const stale = silence > SILENT_AFTER;
  const minutes = Math.max(1, Math.floor(silence / 60_000));
  const shown = document.querySelector("#asof time").textContent.slice(11, 16);
  pill.className = stale ? "live stale" : "live";
  pill.parentElement.classList.toggle("stale-clock", stale);
  const word = stale ? `实时中断 ${minutes} 分钟，显示的是 ${shown} 的数据` : "实时";
  const place = pill.querySelector(".word");
  if (place.textContent !== word) place.textContent = word;
}

// Which group of a panel is seen is kept by the panel's id, since its content is replaced.
const groupSeen = new Map();

function showGroup(panel) {
  const groups = panel.querySelectorAll("[data-group]");
  if (groups.length === 0) return;
  const seen = (groupSeen.get(panel.id) ?? 0) % groups.length;
  groups.forEach((group, n) => (group.hidden = n !== seen));
  panel.querySelectorAll("[data-of]").forEach((label) => (label.hidden = Number(label.dataset.of) !== seen));
}

function turn(panel) {
  groupSeen.set(panel.id, (groupSeen.get(panel.id) ?? 0) + 1);
  showGroup(panel);
}

function turnAll() {
  document.querySelectorAll(".panel").forEach((panel) => {
    const held = panel.matches(":hover") || panel.contains(document.activeElement);
    if (!held && panel.querySelector("[data-turn]")) turn(panel);
  });
}

const still = window.matchMedia("(prefers-reduced-motion: reduce)");
setInterval(() => still.matches || turnAll(), TURN_EVERY);
setInterval(() => pill.classList.contains("waiting") || showFreshness(), 1_000);
setTimeout(() => pill.classList.contains("waiting") && showFreshness(), SILENT_AFTER + 1_000);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-turn]");
  if (button) turn(button.closest(".panel"));
});

// Rows never move under a pointer that is being used: what comes meanwhile is shown a little later.
const usedAt = new WeakMap();
const waiting = new WeakMap();

function used(event) {
  const panel = event.target.closest?.(".panel");
  if (panel) usedAt.set(panel, Date.now());
}
document.addEventListener("pointermove", used);
document.addEventListener("keydown", used);

function texts(panel) {
  return new Map([...panel.querySelectorAll("[data-key]")].map((part) => [part.dataset.key, part.textContent]));
}

function outlineChanges(panel, before) {
  panel.querySelectorAll("[data-key]").forEach((part) => {
    if (before.get(part.dataset.key) === part.textContent) return;
    part.classList.add("changed");
    setTimeout(() => part.classList.remove("changed"), OUTLINED_FOR);
  });
}

function replace(panel, html) {
  const before = texts(panel);
  htmx.swap(panel, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  showGroup(panel);
  outlineChanges(panel, before);
}

function replaceWhenFree(panel) {
  const rest = UNDER_THE_POINTER_FOR - (Date.now() - (usedAt.get(panel) ?? 0));
  if (rest > 0) {
    setTimeout(() => replaceWhenFree(panel), rest);
    return;
  }
  const html = waiting.get(panel);
  waiting.delete(panel);
  replace(panel, html);
}

document.body.addEventListener("htmx:sseBeforeMessage", (event) => {
  heard();
  const panel = event.target;
  if (!panel.matches(".panel")) return;
  event.preventDefault();
  const alreadyWaiting = waiting.has(panel);
  waiting.set(panel, event.detail.data);
  if (!alreadyWaiting) replaceWhenFree(panel);
});
document.body.addEventListener("htmx:sseOpen", heard);
document.body.addEventListener("htmx:sseMessage", showFreshness);
