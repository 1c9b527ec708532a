// Forms tell what they still lack, and what their weights add up to. Without this script the server tells it.
const form = document.querySelector("form[data-form]");

function missing() {
  return [...form.querySelectorAll("[data-required]")].filter((field) => !field.value.trim());
}

function told() {
  const lacks = missing().length;
  form.querySelectorAll("[data-submit]").forEach((button) => {
    button.textContent = lacks ? `${button.dataset.submit}（差 ${lacks} 项）` : button.dataset.submit;
    button.setAttribute("aria-disabled", String(lacks > 0));
  });
  form.querySelectorAll("[data-sum]").forEach((sum) => {
    const fields = [...form.querySelectorAll(`[name$="${sum.dataset.sum}"]`)];
    // Weights have at most four decimals: they are summed as whole numbers of ten-thousandths.
    const parts = fields.reduce((whole, field) => whole + Math.round(Number(field.value || 0) * 10000), 0);
    const off = 1000000 - parts;
    const shown = (value) => String(value / 10000);
    sum.textContent = `权重合计 ${shown(parts)}${off > 0 ? `，还差 ${shown(off)}` : off < 0 ? `，多出 ${shown(-off)}` : ""}`;
    sum.classList.toggle("off", off !== 0);
  });
}

if (form) {
  form.addEventListener("input", told);
  form.addEventListener("submit", (event) => {
    const lacking = missing();
    const sends = event.submitter && event.submitter.hasAttribute("data-submit");
    if (sends && lacking.length) {
      event.preventDefault();
      lacking[0].focus();
    }
  });
  told();
}
