/* Reads Prometheus' text: the stages' histograms of /metrics. */

const STAGE = /^vedette_stage_seconds_bucket\{(.*)\} (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/*
 * The histogram of each stage over the cameras that `wanted` says true of: {bounds, counts}, counts
 * growing from bound to bound as they do in the text; the last bound is Infinity.
 */
export function stagesOf(text, wanted = () => true) {
  const stages = new Map();

  for (const line of text.split("\n")) {
    const match = STAGE.exec(line);
    if (!match) continue;
    const labels = Object.fromEntries([...match[1].matchAll(LABEL)].map(([, name, value]) => [name, value]));
    if (!wanted(labels.camera)) continue;
    const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
    if (!stages.has(labels.stage)) stages.set(labels.stage, new Map());
    const sums = stages.get(labels.stage);
    sums.set(bound, (sums.get(bound) ?? 0) + Number(match[2]));
  }
  return new Map([...stages].map(([stage, sums]) => [stage, {bounds: [...sums.keys()], counts: [...sums.values()]}]));
}

/* What was added between two readings; the newer one when counters began anew. */
export function between(older, newer) {
  const counts = newer.counts.map((count, i) => count - (older?.counts[i] ?? 0));

  return {bounds: newer.bounds, counts: counts.some((count) => count < 0) ? newer.counts : counts};
}

/* The value that the share q of all lies under, as if they were spread evenly in their bucket; NaN without any. */
export function quantile({bounds, counts}, q) {
  const rank = q * counts.at(-1);
  const at = counts.findIndex((count) => count >= rank && count > 0);

  if (at < 0) return NaN;
  const low = at > 0 ? bounds[at - 1] : 0;
  const before = at > 0 ? counts[at - 1] : 0;
  if (bounds[at] === Infinity) return low;
  return low + (bounds[at] - low) * (rank - before) / (counts[at] - before);
}
