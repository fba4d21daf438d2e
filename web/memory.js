/* What is remembered of this browser's user: where he allows pages to keep nothing, until the page is left. */

const kept = new Map();

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return kept.get(name) ?? null;
  }
}

export function remember(name, value) {
  kept.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    /* it was said no */
  }
}
