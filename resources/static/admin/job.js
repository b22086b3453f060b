// Looks how far a file is, until it is there; then the browser saves it.

const LOOK = 1000;

async function look() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const job = page.getElementById("job");
  if (!job) return;
  const bar = document.getElementById("written");
  const now = page.getElementById("written");
  if (bar && now) {
    bar.value = now.value;
    document.querySelector("label[for=written]").textContent = page.querySelector("label[for=written]").textContent;
  } else {
    document.getElementById("job").replaceWith(job);
  }
  follow();
}

function follow() {
  const state = document.getElementById("job").dataset.state;
  if (state === "running") setTimeout(() => look().catch(follow), LOOK);
  if (state === "done") document.getElementById("file").click();
}

follow();
