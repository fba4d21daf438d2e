/* A stream.mp4 in a <video> that is put over the still picture, connected anew when it ends. */

import {h} from "./dom.js";
import {Retry} from "./stream.js";

const BEHIND_S = 1;
const FASTER = 1.5;

/* Until it ends, or cannot be played. Where it is behind what has come it goes faster: such a stream cannot be sought in. */
function play(video, address, signal, live) {
  return new Promise((resolve, reject) => {
    video.onplaying = live;
    video.onended = resolve;
    video.onerror = () => reject(new Error(video.error?.message || "the video cannot be played"));
    video.ontimeupdate = () => {
      const {buffered} = video;
      const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
      video.playbackRate = end - video.currentTime > BEHIND_S ? FASTER : 1;
    };
    signal.addEventListener("abort", resolve, {once: true});
    video.src = address;
    video.play().catch(() => {}); /* told by onerror */
  });
}

export class Video {
  constructor(stage, address, onState) {
    this.video = h("video", {muted: true, playsinline: true, "aria-label": "Live video"});
    this.video.muted = true;
    stage.append(this.video);
    this.retry = new Retry((signal, live) => play(this.video, address, signal, live), onState);
  }

  stop() {
    this.retry.stop();
    this.video.removeAttribute("src"); /* ends the stream */
    this.video.load();
    this.video.remove();
  }
}
