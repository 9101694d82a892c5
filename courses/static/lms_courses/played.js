// What of a lecture was really played: shared by the player of the lesson and that of a kept one.

/** Unites ranges of seconds; gaps under a third of a second are the browser's rounding. */
export const united = (ranges) => {
  const out = [];
  for (const [a, b] of ranges.slice().sort((x, y) => x[0] - y[0])) {
    const last = out[out.length - 1];
    if (last && a <= last[1] + 0.3) last[1] = Math.max(last[1], b); else out.push([a, b]);
  }
  return out.map(([a, b]) => [Math.round(a * 10) / 10, Math.round(b * 10) / 10]);
};

export const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

/** Calls add(from, to) for what is played: a jump is not playing, nor is a picture nobody can see. Returns a look now. */
export const watch = (video, isHeardOnly, add, time = () => video.currentTime) => {
  let from = null;
  const look = () => {
    const now = time(), step = now - from;
    if (from !== null && !video.seeking && step > 0 && step < 2.5 * video.playbackRate && !(document.hidden && !isHeardOnly())) add(from, now);
    from = video.paused || video.seeking ? null : now;
  };
  const forget = () => { from = null; };
  video.addEventListener("timeupdate", look);
  for (const name of ["play", "seeking", "emptied"]) video.addEventListener(name, forget);
  return look;
};
