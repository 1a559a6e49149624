// What the server says, part by part: see bot/sandbox/page_server.py, `live`.
import { useSyncExternalStore } from "react";

let parts = {};
let connected = false;
let source = null;
const listeners = new Set();

function tell() {
  for (const listener of listeners) listener();
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function follow(alias) {
  source?.close();
  source = new EventSource(`/sandbox/live?as=${encodeURIComponent(alias)}`);
  source.onmessage = (event) => {
    const update = JSON.parse(event.data);
    const next = update.reset ? {} : { ...parts };
    Object.assign(next, update.set);
    for (const name of update.gone) delete next[name];
    parts = next;
    connected = true;
    tell();
  };
  source.onerror = () => {
    connected = false;
    tell();
  };
}

export function useParts() {
  return useSyncExternalStore(subscribe, () => parts);
}

export function useConnected() {
  return useSyncExternalStore(subscribe, () => connected);
}
