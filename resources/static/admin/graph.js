// Saves the graph on the page as a PNG image, in the colours that it is shown in.

const SCALE = 2;
const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font", "text-anchor", "opacity", "dominant-baseline"];

function copied(svg) {
  const copy = svg.cloneNode(true);
  const shown = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, at) => {
    const style = getComputedStyle(shown[at]);
    for (const name of KEPT) element.setAttribute(name, style.getPropertyValue(name));
    if (style.font) {
      element.setAttribute("font-family", style.fontFamily);
      element.setAttribute("font-size", style.fontSize);
      element.setAttribute("font-weight", style.fontWeight);
    }
  });
  return copy;
}

async function save(svg, name) {
  const { width, height } = svg.viewBox.baseVal;
  const copy = copied(svg);
  copy.setAttribute("width", width * SCALE);
  copy.setAttribute("height", height * SCALE);
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const surface = canvas.getContext("2d");
  surface.fillStyle = getComputedStyle(svg.parentElement).backgroundColor;
  surface.fillRect(0, 0, canvas.width, canvas.height);
  surface.drawImage(image, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w. -]+/g, "-") + ".png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const button = document.getElementById("save-png");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => save(document.querySelector(".graph-of svg"), button.dataset.name));
}
