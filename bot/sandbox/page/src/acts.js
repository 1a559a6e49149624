// What a person does, through the local Slack's control API, and the sandbox's own switches.

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { ok: false, error: text || `The sandbox answered ${response.status}.` };
  }
}

export const act = (alias, verb, args) => post(`/_control/people/${alias}/${verb}`, args);
export const switchOn = (name, on, briefly = false) => post(`/sandbox/switches/${name}`, { on, briefly });
export const setSpeed = (speed) => post("/sandbox/speed", { speed });
export const bot = (verb) => post(`/sandbox/bot/${verb}`);
export const options = (alias, where) => post(`/sandbox/options/${alias}`, where);
export const detail = async (id) => (await fetch(`/sandbox/log/${id}`)).json();

/** Files as the control API takes them: { name: base64 }. */
export async function contents(files) {
  const entries = [...files].map(async (file) => {
    const url = await new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
    return [file.name, url.slice(url.indexOf(",") + 1)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

const WHY = {
  http_timeout: "Origami did not answer within 3 seconds. Try again.",
  connection_failed: "Origami cannot be reached: its process is down. Start it again, then try once more.",
  http_error: "Origami answered with an error. Try again.",
};

/** What to tell the person about an act that failed, or "". */
export function problem(outcome) {
  if (!outcome || outcome.ok || Object.keys(outcome.errors ?? {}).length || outcome.ephemeral) return "";
  return WHY[outcome.error] ?? outcome.error ?? "That did not work.";
}
