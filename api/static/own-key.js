// Signs with a key of the signer's own in this browser. A key made here cannot be exported and stays in this
// browser's database; a key file is read for one signature. No private key is ever put into a request.
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
const DOMAIN = "contracts-chain own key v1\n";
const WORDS = {
  noCrypto: ["本浏览器或网址不能使用密钥；请改用密钥介质、openssl 或签署码。", "This browser or address cannot use keys; use a token, openssl or a code."],
  privateKey: ["所选文件含有私钥，没有发送；请只选择证书。", "The file holds a private key and was not sent; choose certificates alone."],
  encrypted: ["该密钥文件已加密，浏览器不能读取；请先运行 openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem，签署后删除 plain.pem。", "This key file is encrypted; convert it with that command, and delete the copy after signing."],
  otherForm: ["该密钥文件不是 PKCS #8 格式；请先运行 openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem，签署后删除 plain.pem。", "This is not PKCS #8; convert it with that command, and delete the copy after signing."],
  unfit: ["无法读取该密钥；请使用 P-256 或 RSA 密钥（PKCS #8）。", "The key cannot be read; use a P-256 or RSA key in PKCS #8."],
  unkept: ["本浏览器不能保存密钥；请退出无痕模式后重试，或改用签署码。", "This browser cannot keep a key; leave private browsing, or use a code."],
  failed: ["网络断开，或浏览器拒绝；请重试。", "The network or the browser failed; try again."],
  working: ["正在办理，请稍候。", "Working, please wait."],
  unsigned: ["没有签署。", "Nothing was signed."],
  unmade: ["没有登记密钥。", "No key was registered."],
  unprepared: ["没有准备。", "Nothing was prepared."],
};

class Told extends Error {
  constructor(words) { super(words[1]); this.words = words; }
}
const byId = (id) => document.getElementById(id);
const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const unbase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

const say = (place, wrong, ...sentences) => {
  place.textContent = [0, 1].map((language) => sentences.map((words) => words[language]).join(" ")).join("\n");
  place.classList.toggle("wrong", wrong);
  if (wrong) place.scrollIntoView({ block: "center" });
};
const told = async (answer) => {
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  throw new Told(body.title_zh ? [body.title_zh, body.title] : WORDS.failed);
};
const send = async (address, body) =>
  (await told(await fetch(address, { method: "POST", body: JSON.stringify(body) }))).json();

// The browser's own database: one object store, keys by the digest of their certificate.
const store = (mode, act) => new Promise((done, failed) => {
  const opened = indexedDB.open("own-key", 1);
  opened.onupgradeneeded = () => opened.result.createObjectStore("keys", { keyPath: "certificate" });
  opened.onerror = () => failed(new Told(WORDS.unkept));
  opened.onsuccess = () => {
    const change = opened.result.transaction("keys", mode);
    const asked = act(change.objectStore("keys"));
    change.oncomplete = () => { opened.result.close(); done(asked.result); };
    change.onabort = () => { opened.result.close(); failed(new Told(WORDS.unkept)); };
  };
});

const prepare = async (token, chain) => {
  const begun = await send(`/s/${token}/own-key`, { chain });
  return { next: `/s/${token}/own-key/by/${begun.certificate_sha256}` };
};

const makeKey = async ({ token, name }, code) => {
  const pair = await crypto.subtle.generateKey(EC, false, ["sign"]);
  const publicKey = await crypto.subtle.exportKey("spki", pair.publicKey);
  const request = JSON.stringify({ code, name, public_key_sha256: await sha256(publicKey) });
  const signature = await crypto.subtle.sign(EC, pair.privateKey, new TextEncoder().encode(DOMAIN + request));
  const body = { code, public_key: base64(publicKey), signature: base64(signature) };
  const { chain } = await send(`/s/${token}/own-key/certificate`, body);
  const certificate = await sha256(unbase64(chain[0]));
  const made = { certificate, chain, name, key: pair.privateKey, since: new Date().toISOString().slice(0, 10) };
  await store("readwrite", (keys) => keys.put(made));
  return prepare(token, chain);
};

const readKey = async (file) => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder("latin1").decode(bytes);
  if (/ENCRYPTED/.test(text)) throw new Told(WORDS.encrypted);
  if (/BEGIN (EC|RSA) PRIVATE KEY/.test(text)) throw new Told(WORDS.otherForm);
  const found = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(text);
  let der = bytes;
  try {
    der = found ? unbase64(found[1].replace(/\s/g, "")) : bytes;
    return await crypto.subtle.importKey("pkcs8", der, EC, false, ["sign"])
      .catch(() => crypto.subtle.importKey("pkcs8", der, RSA, false, ["sign"]));
  } catch {
    throw new Told(WORDS.unfit);
  } finally {
    bytes.fill(0);
    der.fill(0);
  }
};

const signWith = async (key, { token, certificate }) => {
  const waiting = await told(await fetch(`/s/${token}/own-key/by/${certificate}/to-sign.der`));
  const how = key.algorithm.name === EC.name ? EC : RSA;
  const signature = base64(await crypto.subtle.sign(how, key, await waiting.arrayBuffer()));
  return send(`/s/${token}/own-key/finish`, { certificate_sha256: certificate, signature });
};

// One act at a time: says what happens, goes on where the service says, or shows what is to be done.
let busy = false;
const act = (says, nothing, deed) => async (happened) => {
  happened.preventDefault();
  if (busy) return;
  busy = true;
  say(says, false, WORDS.working);
  try {
    location.assign((await deed()).next);
  } catch (problem) {
    say(says, true, nothing, problem instanceof Told ? problem.words : WORDS.failed);
  } finally {
    busy = false;
  }
};

const holdsPrivateKey = async (file) => /\.(p12|pfx|key)$/i.test(file.name) || /PRIVATE KEY-----/.test(await file.text());
const guardCertificates = (form, says) => form.addEventListener("submit", async (happened) => {
  happened.preventDefault();
  const files = [...form.elements.certificates.files];
  const held = await Promise.all(files.map(holdsPrivateKey));
  if (held.includes(true) || /PRIVATE KEY-----/.test(form.elements.pasted.value)) say(says, true, WORDS.privateKey);
  else form.submit();
});

const offerKept = async (place, { token, name }, says) => {
  const keys = await store("readonly", (all) => all.getAll());
  for (const one of keys.filter((kept) => kept.name === name)) {
    const button = document.createElement("button");
    const english = document.createElement("span");
    button.type = "button";
    button.className = "secondary";
    button.textContent = `用本浏览器中 ${one.since} 生成的密钥 `;
    english.lang = "en";
    english.textContent = `Use the key made here on ${one.since}`;
    button.append(english);
    button.addEventListener("click", act(says, WORDS.unprepared, () => prepare(token, one.chain)));
    place.append(button);
  }
};

const choose = async (place) => {
  const says = byId("own-key-says"), form = byId("new-key-form");
  place.hidden = false;
  if (form) form.addEventListener("submit", act(says, WORDS.unmade, () =>
    makeKey(place.dataset, form.elements.code.value.replace(/\D/g, ""))));
  await offerKept(byId("kept-keys"), place.dataset, says);
};

const sign = async (place) => {
  const says = byId("own-key-says"), form = byId("key-file-form"), file = byId("key-file");
  place.hidden = false;
  form.addEventListener("submit", act(says, WORDS.unsigned, async () => {
    const [chosen] = file.files;
    const key = await readKey(chosen);
    form.reset();
    return signWith(key, place.dataset);
  }));
  const kept = await store("readonly", (keys) => keys.get(place.dataset.certificate));
  if (!kept) return;
  byId("kept-key").hidden = false;
  byId("hand-in").className = "secondary";
  byId("sign-kept").addEventListener("click", act(says, WORDS.unsigned, () => signWith(kept.key, place.dataset)));
};

const certificates = byId("certificate-form"), choosing = byId("browser-key"), signing = byId("browser-sign");
if (certificates) guardCertificates(certificates, byId("certificate-says"));
if (!choosing && !signing) {
  // certificates alone are asked for: the authority certifies no key made here
} else if (globalThis.crypto?.subtle) {
  (choosing ? choose(choosing) : sign(signing)).catch(() => say(byId("own-key-says"), true, WORDS.unkept));
} else say(byId("own-key-says"), true, WORDS.noCrypto);
