// A file that is too large is refused before it is sent.
const file = document.querySelector("input[type=file][data-limit]");
file.addEventListener("change", () => {
  const [chosen] = file.files;
  const limit = Number(file.dataset.limit);
  const large = chosen && chosen.size > limit;
  file.setCustomValidity(large ? `文件有 ${(chosen.size / 1e6).toFixed(1)} MB，超过了 ${limit / 1e6} MB 的上限` : "");
  file.reportValidity();
});
