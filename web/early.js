/* Before the first picture of the page, so that it does not flash. See theme.js. */
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch {
  /* nothing may be kept: as the system says */
}
