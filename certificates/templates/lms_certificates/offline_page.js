// Checks the signature in a QR code with the keys in this page; nothing is sent anywhere.
// The browser's own Ed25519 is used where it has one, else the arithmetic below (RFC 8032, FIPS 180-4).
"use strict";
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => ((a % P) + P) % P;
const power = (base, exponent) => {
  let result = 1n;
  for (base = mod(base); exponent > 0n; exponent >>= 1n, base = mod(base * base)) {
    if (exponent & 1n) result = mod(result * base);
  }
  return result;
};
const D = mod(-121665n * power(121666n, P - 2n));
const ROOT = power(2n, (P - 1n) / 4n);
const little = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const point = (bytes) => {
  const number = little(bytes), y = number & ((1n << 255n) - 1n), sign = number >> 255n;
  if (y >= P) return null;
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = mod(x * ROOT);
  if (mod(x * x - square) || (!x && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
};
const add = (p, q) => {
  const a = mod((p[1] - p[0]) * (q[1] - q[0])), b = mod((p[1] + p[0]) * (q[1] + q[0]));
  const c = mod(2n * p[3] * q[3] * D), d = mod(2n * p[2] * q[2]);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
};
const times = (n, p) => {
  let sum = [0n, 1n, 1n, 0n];
  for (; n > 0n; n >>= 1n, p = add(p, p)) if (n & 1n) sum = add(sum, p);
  return sum;
};
const BY = mod(4n * power(5n, P - 2n));
const BASE = point(Array.from({ length: 32 }, (_, i) => Number((BY >> BigInt(8 * i)) & 255n)));

const M64 = (1n << 64n) - 1n;
const rootOf = (number, degree) => {
  // The first 64 bits behind the point of the root of a prime.
  const wanted = BigInt(number) << BigInt(64 * degree);
  let low = 0n, high = 1n << 72n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= wanted) low = middle; else high = middle;
  }
  return low & M64;
};
const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n += 1) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);
const K = PRIMES.map((prime) => rootOf(prime, 3));
const START = PRIMES.slice(0, 8).map((prime) => rootOf(prime, 2));
const turn = (x, n) => ((x >> BigInt(n)) | (x << BigInt(64 - n))) & M64;
function sha512(bytes) {
  const whole = new Uint8Array(Math.ceil((bytes.length + 17) / 128) * 128);
  whole.set(bytes);
  whole[bytes.length] = 128;
  new DataView(whole.buffer).setUint32(whole.length - 4, bytes.length * 8);
  let state = [...START];
  for (let block = 0; block < whole.length; block += 128) {
    const view = new DataView(whole.buffer, block), w = [];
    for (let i = 0; i < 80; i += 1) {
      if (i < 16) { w.push(view.getBigUint64(8 * i)); continue; }
      const s0 = turn(w[i - 15], 1) ^ turn(w[i - 15], 8) ^ (w[i - 15] >> 7n);
      const s1 = turn(w[i - 2], 19) ^ turn(w[i - 2], 61) ^ (w[i - 2] >> 6n);
      w.push((w[i - 16] + s0 + w[i - 7] + s1) & M64);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i += 1) {
      const one = (h + (turn(e, 14) ^ turn(e, 18) ^ turn(e, 41)) + ((e & f) ^ (~e & M64 & g)) + K[i] + w[i]) & M64;
      const two = ((turn(a, 28) ^ turn(a, 34) ^ turn(a, 39)) + ((a & b) ^ (a & c) ^ (b & c))) & M64;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & M64, c, b, a, (one + two) & M64];
    }
    state = [a, b, c, d, e, f, g, h].map((value, i) => (value + state[i]) & M64);
  }
  const out = new Uint8Array(64);
  state.forEach((value, i) => new DataView(out.buffer).setBigUint64(8 * i, value));
  return out;
}
function slowlyVerifies(key, message, signature) {
  const a = point(key), r = point(signature.slice(0, 32)), s = little(signature.slice(32));
  if (!a || !r || s >= L) return false;
  const k = little(sha512(new Uint8Array([...signature.slice(0, 32), ...key, ...message]))) % L;
  const left = times(s, BASE), right = add(r, times(k, a));
  return mod(left[0] * right[2] - right[0] * left[2]) === 0n && mod(left[1] * right[2] - right[1] * left[2]) === 0n;
}
async function verifies(key, message, signature) {
  try {
    const known = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", known, signature, message);
  } catch {
    return slowlyVerifies(key, message, signature);
  }
}

// What the key signed: the same bytes as certificates/facts.py code_message.
function messageOf(kid, code, number, name, hours) {
  const [whole, part = ""] = hours.trim().replace(",", ".").split(".");
  const rest = part.replace(/0+$/, ""), amount = (whole.replace(/^0+(?=\d)/, "") || "0") + (rest && `.${rest}`);
  const parts = [
    code,
    number.normalize("NFC").toUpperCase().replace(/\s+/g, ""),
    name.normalize("NFC").toLowerCase().trim().split(/\s+/).join(" "),
    amount,
  ];
  const text = new TextEncoder();
  return new Uint8Array([...text.encode("vuonxa/code/v1\0"), kid >> 8, kid & 255, ...text.encode(parts.join("\n"))]);
}
function readMark(text) {
  const found = /\/V\/([0-9A-HJKMNP-TV-Z]{18})#(\d{3})(\d{155})\s*$/.exec(text.toUpperCase());
  if (!found) return null;
  let number = BigInt(found[3]);
  if (number >> 512n) return null;
  const signature = new Uint8Array(64);
  for (let i = 63; i >= 0; i -= 1, number >>= 8n) signature[i] = Number(number & 255n);
  return { code: found[1], kid: Number(found[2]), signature };
}
// What an export of the register says last about a code: issued, superseded, revoked, or nothing.
async function stateIn(file, code) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code)));
  const name = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  let state = "";
  for (const line of (await file.text()).split("\n")) {
    if (!line.includes(name)) continue;
    const event = JSON.parse(JSON.parse(line).leaf).event;
    if (event !== "sealed") state = event;
  }
  return state;
}

const form = document.querySelector("form"), answer = document.querySelector("[role=status]");
const published = JSON.parse(document.querySelector("#keys").textContent);
const day = (text) => text.slice(0, 10).split("-").reverse().join("/");
const say = (kind, ...lines) => {
  answer.className = kind;
  answer.replaceChildren(...lines.filter(Boolean).map((line) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    return paragraph;
  }));
};
async function check() {
  const words = form.dataset, fields = form.elements, read = readMark(fields.code.value);
  if (!read) return say("bad", words.unread);
  const key = published.keys.find((one) => one.kid === read.kid);
  if (!key) return say("bad", words.unknown.replace("{kid}", read.kid));
  const raw = Uint8Array.from(atob(key.ed25519), (char) => char.charCodeAt(0));
  const message = messageOf(read.kid, read.code, fields.number.value, fields.name.value, fields.hours.value);
  if (!await verifies(raw, message, read.signature)) return say("bad", words.differs);
  const who = (key.issuer || words.site).trim();
  const good = words.good.replace("{issuer}", who).replace("{kid}", String(read.kid).padStart(3, "0"));
  if (key.compromised) return say("warn", good, words.compromised.replace("{day}", day(key.compromised)));
  const file = fields.register?.files[0];
  if (!file) return say("good", good, words.ended.replace("{day}", day(published.made_at)));
  let state;
  try { state = await stateIn(file, read.code); } catch { return say("warn", good, words.broken); }
  return say(state === "issued" ? "good" : "bad", good, words[state || "missing"]);
}
form.addEventListener("submit", (event) => { event.preventDefault(); check(); });
if (!globalThis.crypto?.subtle) form.querySelector("[data-register]").remove();
if ("BarcodeDetector" in globalThis) {
  const photo = form.querySelector("[data-photo]");
  photo.hidden = false;
  photo.querySelector("input").addEventListener("change", async (event) => {
    try {
      const picture = await createImageBitmap(event.target.files[0]);
      const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(picture);
      if (found) form.elements.code.value = found.rawValue; else say("bad", form.dataset.unread);
    } catch { say("bad", form.dataset.unread); }
  });
}
