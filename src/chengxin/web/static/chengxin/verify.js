// Checks a proof file in the visitor's own browser. Nothing is sent anywhere: SHA-256 and Ed25519 are the browser's own.
// The same steps, in the same order and under the same names, as verify.py, which needs no browser and no site.

const PROOF = "chengxin-proof-v1", SPLIT = "chengxin-split-v1", LOG = 1, WITNESS = 4;
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; // SHA-256 of nothing

for (const place of document.querySelectorAll("[data-check]")) start(place);

function start(place) {
  const input = place.querySelector("input[type=file]"), keys = place.querySelector("textarea");
  place.hidden = false;
  place.querySelector("button").addEventListener("click", async () => {
    const told = place.querySelector("[data-told]");
    told.textContent = place.dataset.waiting;
    let found;
    try {
      if (input && !input.files.length) { input.focus(); found = [["file.none"]]; }
      else {
        const text = input ? await input.files[0].text() : await (await fetch(place.dataset.check)).text();
        found = await check(JSON.parse(text), (keys ? keys.value : place.dataset.keys).split(/\s+/).filter(Boolean));
      }
    } catch (error) {
      found = [[error instanceof Unknown ? "browser.no-crypto" : "file.unreadable", error.message]];
    }
    show(place, told, found);
  });
}

function show(place, told, found) {
  const words = new Map([...place.querySelector("template").content.children].map((line) => [line.dataset.line, line]));
  place.querySelector("ol").replaceChildren(...found.map(([id, ...values]) => {
    const line = words.get(id).cloneNode(true);
    const text = line.querySelector("span");
    text.textContent = values.reduce((said, value) => said.replace("{}", () => value), text.textContent);
    return line;
  }));
  const marks = found.map(([id]) => words.get(id).dataset.mark);
  const bad = marks.includes("✗"), open = found.some(([id]) => id === "browser.no-ed25519");
  told.textContent = bad ? place.dataset.bad : open ? place.dataset.open : place.dataset.good;
  place.dataset.result = bad ? "bad" : open ? "open" : "good";
}

class Unknown extends Error {}

async function check(file, given) {
  if (!globalThis.crypto?.subtle) throw new Unknown("");
  const found = [], say = (...line) => found.push(line);
  const own = given.length === 0, keys = await Promise.all((own ? list(file, "keys") : given).map(parseKey));
  if (own) say("key.own");
  if (file.format === SPLIT) { await checkSplit(file, keys, say); return found; }
  if (file.format !== PROOF) throw new Error("format");
  const entries = list(file, "entries"), now = await signed(file, keys, say);
  if (!entries.length) throw new Error("entries"); // a file that proves nothing must not be called sound
  if (now) await checkWitnesses(file, say);
  for (const entry of entries) await checkEntry(entry, now, say);
  if (file.earlier) {
    const before = await signed(file.earlier, keys, say), path = list(file.earlier, "path").map(hash);
    if (before && now) {
      const kept = before.origin === now.origin && await consistent(before, now, path);
      say(kept ? "earlier.kept" : "earlier.path", before.size, now.size);
    }
  }
  return found;
}

async function signed(file, keys, say, name = "checkpoint") {
  let note, stated;
  try { note = parseNote(text(file, name)); stated = parseCheckpoint(note.text); }
  catch (error) { say("checkpoint.form", error.message); return null; }
  const own = keys.filter((key) => key.kind === LOG && key.name === stated.origin);
  let signer = null;
  for (const key of own) {
    const line = lineOf(note, key);
    if (!line) continue;
    const holds = await verified(key, line.body, bytesOf(note.text));
    if (holds === null) { say("browser.no-ed25519"); return stated; }
    if (!holds) { say("checkpoint.signature"); return null; }
    signer ??= key;
  }
  if (!signer) { say(own.length ? "checkpoint.unsigned" : "checkpoint.origin", stated.origin); return null; }
  say("checkpoint.signed", stated.origin, stated.size, signer.line);
  return stated;
}

async function checkWitnesses(file, say) {
  const note = parseNote(file.checkpoint), names = [];
  for (const key of await Promise.all((file.witnesses ?? []).map(parseKey))) {
    const line = key.kind === WITNESS && lineOf(note, key);
    if (!line) continue;
    const moment = new DataView(line.body.buffer, line.body.byteOffset).getBigUint64(0);
    const holds = await verified(key, line.body.slice(8), bytesOf(`cosignature/v1\ntime ${moment}\n${note.text}`));
    if (holds === null) return;
    if (!holds) { say("cosignature.signature", key.name); return; }
    names.push(key.name);
  }
  say(names.length ? "cosignature.held" : "cosignature.none", names.join(", "));
}

async function checkEntry(entry, now, say) {
  const index = entry.index, leaf = text(entry, "leaf"), path = list(entry, "path").map(hash);
  if (!Number.isSafeInteger(index)) throw new Error("index");
  const stated = hash(text(entry, "leaf_hash")), real = await leafHash(bytesOf(leaf)), fits = same(stated, real);
  if (now) {
    const leads = async (hashed) => same(await rootFrom(index, now.size, hashed, path), now.root);
    const truly = await leads(real);
    if (!truly && !(await leads(stated))) say("entry.path", index);
    else if (fits) say("entry.included", index, now.size);
    else say(truly ? "entry.leaf_hash" : "entry.leaf", index);
  }
  if (!fits) { if (!now) say("entry.leaf", index); return; }
  if (entry.content === null) { say("content.none", index); return; }
  const nonce = decode(text(entry, "nonce"));
  if (nonce.length !== 16) throw new Error("nonce");
  const digest = await sha256(nonce, bytesOf(text(entry, "content")));
  const item = digestIn(leaf);
  if (item === null) say("entry.form", index);
  else say(hex(digest) === item ? "content.same" : "content.digest", index);
}

async function checkSplit(file, keys, say) {
  const first = await signed(file, keys, say, "first"), second = await signed(file, keys, say, "second");
  if (!first || !second) return;
  let split = !same(first.root, second.root);
  if (first.size !== second.size) {
    const roots = await rootsFrom(first.size, second.size, list(file, "path").map(hash));
    split = roots !== null && !same(roots[0], first.root) && same(roots[1], second.root);
  }
  say(split && first.origin === second.origin ? "split.shown" : "split.none");
}

// Trees: RFC 6962 and RFC 9162. Sizes may exceed 32 bits, so no bit operators.

async function rootFrom(index, size, leaf, path) {
  if (index < 0 || index >= size) return null;
  let place = index, last = size - 1, root = leaf;
  for (const step of path) {
    if (last === 0) return null;
    if (place % 2 || place === last) {
      root = await nodeHash(step, root);
      while (place % 2 === 0 && place) { place /= 2; last = Math.floor(last / 2); }
    } else root = await nodeHash(root, step);
    place = Math.floor(place / 2); last = Math.floor(last / 2);
  }
  return last ? null : root;
}

async function rootsFrom(old, now, path) {
  if (!(0 < old && old < now) || !path.length) return null;
  let place = old - 1, last = now - 1, first = path[0], second = path[0];
  while (place % 2) { place = Math.floor(place / 2); last = Math.floor(last / 2); }
  for (const step of path.slice(1)) {
    if (last === 0) return null;
    if (place % 2 || place === last) {
      first = await nodeHash(step, first);
      second = await nodeHash(step, second);
      while (place % 2 === 0 && place) { place /= 2; last = Math.floor(last / 2); }
    } else second = await nodeHash(second, step);
    place = Math.floor(place / 2); last = Math.floor(last / 2);
  }
  return last ? null : [first, second];
}

async function consistent(old, now, path) {
  if (old.size === 0 || old.size === now.size) return !path.length && (old.size === 0 || same(old.root, now.root));
  const perfect = (BigInt(old.size) & BigInt(old.size - 1)) === 0n;
  const roots = await rootsFrom(old.size, now.size, perfect ? [old.root, ...path] : path);
  return roots !== null && same(roots[0], old.root) && same(roots[1], now.root);
}

const leafHash = (leaf) => sha256(Uint8Array.of(0), leaf);
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
}

// Notes and keys: C2SP signed-note, tlog-checkpoint, tlog-cosignature.

function parseNote(note) {
  const cut = note.lastIndexOf("\n\n"), lines = note.slice(cut + 2).split("\n");
  if (cut < 0 || lines.pop() !== "" || !lines.length) throw new Error("note");
  return {
    text: note.slice(0, cut + 1),
    lines: lines.map((line) => {
      const [dash, name, body, more] = line.split(" "), raw = decode(body ?? "");
      if (dash !== "—" || !name || more !== undefined || raw.length < 5) throw new Error("signature");
      return { name, id: hex(raw.slice(0, 4)), body: raw.slice(4) };
    }),
  };
}

function parseCheckpoint(note) {
  const [origin, size, root, end] = note.split("\n");
  if (!origin || !/^(0|[1-9][0-9]{0,15})$/.test(size) || end === undefined) throw new Error("checkpoint");
  const found = { origin, size: Number(size), root: hash(root) };
  if (!found.size && hex(found.root) !== EMPTY) throw new Error("root");
  return found;
}

async function parseKey(line) {
  const [name, id, ...rest] = line.split("+"), raw = decode(rest.join("+"));
  if (raw.length !== 33) throw new Error("key");
  const key = { name, id, kind: raw[0], raw: raw.slice(1), line };
  if (hex((await sha256(bytesOf(`${name}\n`), raw)).slice(0, 4)) !== id) throw new Error("key");
  return key;
}

const lineOf = (note, key) => note.lines.find((line) => line.name === key.name && line.id === key.id);

async function verified(key, signature, message) {
  let imported;
  try { imported = await crypto.subtle.importKey("raw", key.raw, "Ed25519", false, ["verify"]); }
  catch { return null; } // this browser knows no Ed25519
  return crypto.subtle.verify("Ed25519", imported, signature, message);
}

// Fields.

function text(file, name) {
  if (typeof file?.[name] !== "string") throw new Error(name);
  return file[name];
}

function list(file, name) {
  if (!Array.isArray(file?.[name])) throw new Error(name);
  return file[name];
}

function digestIn(leaf) {
  try { return JSON.parse(leaf).item ?? null; } catch { return null; }
}

function hash(encoded) {
  const found = decode(encoded);
  if (found.length !== 32) throw new Error("hash");
  return found;
}

const bytesOf = (said) => new TextEncoder().encode(said);
const decode = (encoded) => Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
const hex = (raw) => [...raw].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const same = (one, other) => one !== null && other !== null && hex(one) === hex(other);
