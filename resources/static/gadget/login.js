// The end of a session: the login page, which leads back to this one.

/** Whether the server would send this browser to the login page; false where it cannot be asked. */
export async function isLoggedOut() {
  try {
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" });
    return answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}

/** Go there. */
export function leaveForLogin() {
  const back = location.pathname + location.search;
  location.assign(`${document.body.dataset.login}?page=${encodeURIComponent(back)}`);
}
