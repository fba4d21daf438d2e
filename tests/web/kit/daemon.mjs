/* The daemon under test, with cameras that are built in. */

import {spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync, openSync, closeSync} from "node:fs";
import {tmpdir} from "node:os";
import path from "node:path";

export const BUILD = path.resolve(process.env.top_builddir);
const SLOW = Number(process.env.VEDETTE_SLOW || 1);

/* What "argon2 ... -id -t 2 -k 65536 -p 1 -l 32 -e" prints of "secret". */
const SECRET = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$gSPNSypqCsN2pRIYCykqzA+YCFGPR4YWdFlsusKEu+o";

export const SCENE = "test:moving?width=640&height=360&fps=10";

export const GONE = "rtsp://127.0.0.1:9/gone"; /* nobody listens there */

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* The first true answer of look(); an Error that says `what` did not come. Time is stretched on a busy machine. */
export async function until(look, what, seconds = 60) {
  const deadline = Date.now() + seconds * 1000 * SLOW;

  for (;;) {
    const answer = await look();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${seconds * SLOW} s: ${what}`);
    await sleep(50);
  }
}

export class Daemon {
  /* cameras: {id: uri} or {id: {option: value}}; users: {name: {role, cameras}}, each with the password "secret". env: more of it. */
  constructor({cameras, options = {}, users = null, env = {}}) {
    this.env = env;
    this.folder = mkdtempSync(path.join(tmpdir(), "vedette-page-"));
    this.log = path.join(this.folder, "log");
    this.config = path.join(this.folder, "vedette.conf");
    this.options = {listen: "127.0.0.1:0", ...options};
    mkdirSync(path.join(this.folder, "state"), {mode: 0o700});
    this.cameras = cameras;
    if (users) this.writeUsers(users);
  }

  writeUsers(users) {
    const file = path.join(this.folder, "users.conf");

    writeFileSync(file, Object.entries(users).map(([name, {role, cameras = "*"}]) =>
      `[user ${name}]\nrole=${role}\ncameras=${cameras}\npassword=${SECRET}\n`).join(""), {mode: 0o600});
    this.options["users-file"] = file;
  }

  write() {
    const lines = (group) => Object.entries(group).map(([name, value]) => `${name}=${value}\n`).join("");

    writeFileSync(this.config, `[vedette]\n${lines(this.options)}` + Object.entries(this.cameras).map(([id, one]) =>
      `[camera ${id}]\n${lines(typeof one === "string" ? {uri: one} : one)}`).join(""));
  }

  async start() {
    const output = openSync(this.log, "a");
    const before = this.said().length;

    this.write();
    this.child = spawn(`${BUILD}/src/vedetted`, ["--config", this.config, "--state", path.join(this.folder, "state")], {
      stdio: ["ignore", output, output],
      env: {...process.env, GST_PLUGIN_PATH: `${BUILD}/plugins/.libs`, GST_REGISTRY_FORK: "no",
            GST_REGISTRY: `${BUILD}/tests/gst-registry-daemon.bin`, G_DEBUG: "", NOTIFY_SOCKET: "", ...this.env},
    });
    closeSync(output);
    this.ended = new Promise((resolve) => this.child.once("exit", (status, signal) => resolve(status ?? signal)));
    const port = await until(() => {
      if (this.child.exitCode !== null) throw new Error(`the daemon ended with ${this.child.exitCode}:\n${this.said()}`);
      return /on port (\d+)/.exec(this.said().slice(before))?.[1];
    }, "the daemon serves");
    this.options.listen = `127.0.0.1:${port}`; /* the same when it is started again */
    this.url = `http://127.0.0.1:${port}`;
    return this;
  }

  said() {
    try {
      return readFileSync(this.log, "utf8");
    } catch {
      return "";
    }
  }

  /* As a program of the user "admin", where there are users. */
  async ask(address, {method = "GET", body} = {}) {
    const headers = {Authorization: `Basic ${Buffer.from("admin:secret").toString("base64")}`};
    const answer = await fetch(this.url + address, {
      method,
      headers: {...headers, ...(body && {"Content-Type": "application/json"})},
      body: body && JSON.stringify(body),
    });

    if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  }

  camera(id) {
    return this.ask(`/api/v1/cameras/${id}`);
  }

  async live(...ids) {
    for (const id of ids) await until(async () => (await this.camera(id)).state === "live", `${id} is live`);
  }

  testEvent(id) {
    return this.ask(`/api/v1/cameras/${id}/test-event`, {method: "POST"});
  }

  async stop() {
    if (!this.child || this.child.exitCode !== null) return;
    this.child.kill("SIGTERM");
    const killer = setTimeout(() => this.child.kill("SIGKILL"), 20000 * SLOW);
    const status = await this.ended;
    clearTimeout(killer);
    if (status !== 0) throw new Error(`the daemon ended with ${status}:\n${this.said().slice(-4000)}`);
  }

  async close() {
    try {
      await this.stop();
      for (const word of ["CRITICAL", "GLib-WARNING", "runtime error:"])
        if (this.said().includes(word)) throw new Error(`${word} in the log:\n${this.said().slice(-4000)}`);
    } finally {
      rmSync(this.folder, {recursive: true, force: true});
    }
  }
}
