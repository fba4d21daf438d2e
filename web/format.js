/* Numbers and times as people read them. */

export const STATES = {
  off: "Off",
  connecting: "Connecting",
  starting: "Starting",
  live: "Live",
  undecodable: "Cannot be shown",
  waiting: "Away",
};

export function stateOf(status) {
  return STATES[status.state] || status.state || "";
}

/* motion is null where nothing was analysed yet. */
export function shareOf(motion) {
  return motion?.share || 0;
}

export function fpsOf(fps) {
  return Number.isFinite(fps) ? `${fps.toFixed(fps < 10 ? 1 : 0)} fps` : "";
}

export function rateOf(status) {
  return status.state === "live" ? fpsOf(status.fps) : "";
}

export function durationOf(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

/* 0.0042 is "4.2 ms". */
export function latencyOf(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(seconds < 0.1 ? 2 : 3)} ms`;
  return `${seconds.toPrecision(2)} s`;
}

/* Three digits and a unit, in steps of `step`. */
function scaled(number, step, units) {
  let at = 0;

  if (!Number.isFinite(number)) return "–";
  while (number >= step && at < units.length - 1) {
    number /= step;
    at++;
  }
  return `${number >= 100 || at === 0 ? Math.round(number) : number.toPrecision(3)} ${units[at]}`;
}

export function bytesOf(number) {
  return scaled(number, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
}

export function bitsOf(number) {
  return scaled(number, 1000, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]);
}

export function percentOf(share) {
  if (!Number.isFinite(share)) return "–";
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

export function countOf(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

const sameDay = new Intl.DateTimeFormat(undefined, {timeStyle: "medium"});
const otherDay = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "medium"});

/* The time alone when it is of today. */
export function timeOf(text) {
  const time = new Date(text);

  if (Number.isNaN(time.getTime())) return text;
  return (time.toDateString() === new Date().toDateString() ? sameDay : otherDay).format(time);
}

/* Why there is no picture, since when, and when it is tried again. */
export function reasonOf(status) {
  if (status.state === "live") return "";
  const away = status.away_seconds ?? status.since_seconds;
  const next = status.next_try_seconds;
  let text = status.reason || "";

  if (Number.isFinite(away) && status.state !== "off")
    text += `${text ? ", " : ""}for ${durationOf(away)}`;
  if (Number.isFinite(next) && status.state === "waiting")
    text += `; next try in ${durationOf(Math.ceil(next))}`;
  return text;
}
