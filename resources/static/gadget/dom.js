// Elements made and changed without HTML text: whatever names and messages hold, it stays text.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, "onclick" and the like as functions; null and false leave an attribute out. */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
export function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else attribute(node, name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Set an attribute where it differs: screen readers and animations start anew at each write. */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const wanted = value === true ? "" : String(value);
  if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

/** Set the text where it differs. */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

/** Give ``parent`` exactly ``children``, in order; those that stay where they are keep focus and motion. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let at = parent.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
}

/** One view for each item, kept by key: ``make(item)`` gives {element, update(item)}. */
export class Views {
  #views = new Map();

  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
  }

  show(items, key) {
    const views = items.map((item) => {
      const view = this.#views.get(key(item)) ?? this.make(item);
      view.update(item);
      return [key(item), view];
    });
    this.#views = new Map(views);
    arrange(this.parent, views.map(([, view]) => view.element));
  }

  get(key) {
    return this.#views.get(key);
  }
}
