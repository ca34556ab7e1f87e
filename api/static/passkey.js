// Registers this device's passkey, or signs this very contract with it; nothing is kept.
"use strict";
(() => {
  const button = document.getElementById("passkey");
  const form = document.getElementById("device-form");
  const says = document.getElementById("passkey-says");
  const from = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const to = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const told = async (answer) => {
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${body.title_zh || "请重试"} ${body.title || "Try again."}`);
    return body;
  };
  const send = async (address, body) => told(await fetch(address, { method: "POST", body: JSON.stringify(body) }));
  const why = (problem) => problem instanceof DOMException
    ? { NotAllowedError: "设备没有确认您本人，或已取消；请重试，或改用签署码。 The device did not confirm you, or it was cancelled; try again, or use a code.",
        InvalidStateError: "本设备已登记过，可直接签署。 This device is registered already.",
        SecurityError: "在这个网址不能使用通行密钥；请改用签署码。 Passkeys do not work at this address; use a code." }[problem.name]
      || "本设备不能使用通行密钥；请改用签署码。 This device cannot use a passkey; use a code."
    : problem.message;
  const credential = (made, response) => ({
    id: made.id, rawId: to(made.rawId), type: made.type,
    clientExtensionResults: made.getClientExtensionResults(), response,
  });

  const readable = (options) => {
    options.challenge = from(options.challenge);
    options.user.id = from(options.user.id);
    for (const one of options.excludeCredentials || []) one.id = from(one.id);
    return options;
  };
  const register = (address) => {
    let options = null; // the code is spent once; a cancelled dialogue is asked again with the same options
    return async () => {
      options = options || readable(await send(`${address}/options`, { code: form.elements.code.value }));
      const made = await navigator.credentials.create({ publicKey: options });
      const { attestationObject, clientDataJSON } = made.response;
      return send(address, credential(made, { attestationObject: to(attestationObject), clientDataJSON: to(clientDataJSON) }));
    };
  };
  const sign = (address) => async () => {
    const options = await told(await fetch(address));
    options.challenge = from(options.challenge);
    for (const one of options.allowCredentials || []) one.id = from(one.id);
    const made = await navigator.credentials.get({ publicKey: options });
    const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
    return send(address, credential(made, {
      authenticatorData: to(authenticatorData), clientDataJSON: to(clientDataJSON),
      signature: to(signature), userHandle: userHandle ? to(userHandle) : null,
    }));
  };

  const on = (element, event, act, nothing) => element && element.addEventListener(event, async (happened) => {
    happened.preventDefault();
    says.textContent = "";
    try {
      location.assign((await act()).next);
    } catch (problem) {
      says.textContent = `${nothing} ${why(problem)}`;
    }
  });
  on(button, "click", button && sign(`/s/${button.dataset.token}/passkey`), "没有签署。 Nothing was signed.");
  on(form, "submit", form && register(`/s/${form.dataset.token}/device`), "没有登记。 Not registered.");
})();
