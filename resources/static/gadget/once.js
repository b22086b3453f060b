// The second click of a double click does nothing: what it falls on may be something else by then.

/** A call's own menu is the exception: the first click opens it, the second one must not leave it closed. */
export function clickOnce() {
  document.addEventListener("click", (event) => {
    if (event.detail < 2 || !event.target.closest("button, [role^=menuitem], dialog, .menu")) return;
    if (event.target.closest(".call[data-mine]")) return;
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
}
