// Buttons with data-copy copy the field with that id. Without this script they are hidden.

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without TLS browsers have no clipboard, but this.
    document.execCommand("copy");
  }
  button.textContent = "Copied";
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
