// The lines of the inspector's traffic, and how they hold still for whoever reads them.
import { useLayoutEffect, useRef } from "react";

const SAID = ["kind", "title", "ok", "note", "error", "pending"];

/** Neighbours that say the same are one line, the newest line first. */
function folded(entries) {
  const lines = [];
  for (const entry of entries) {
    const last = lines.at(-1);
    const same = last && entry.kind !== "delivery" && SAID.every((name) => last[name] === entry[name]);
    if (same) lines[lines.length - 1] = { ...entry, ids: [...last.ids, entry.id] };
    else lines.push({ ...entry, ids: [entry.id] });
  }
  return lines.reverse();
}

/** The lines of these entries; each keeps its key, and so stays open, while entries join it and leave it. */
export function useLines(entries) {
  const keys = useRef({});
  const lines = folded(entries);
  const known = keys.current;
  const taken = new Set();
  keys.current = {};
  for (const line of lines) {
    line.key = line.ids.map((id) => known[id]).find((key) => key && !taken.has(key)) ?? line.id;
    taken.add(line.key);
    for (const id of line.ids) keys.current[id] = line.key;
  }
  return lines;
}

/** For a list that grows at its top: the line that the person points at, or has gone to, stays where it is. */
export function useStill() {
  const list = useRef(null);
  const held = useRef(null);
  const hold = ({ target }) => {
    const line = target.closest("li");
    held.current = line && { line, top: line.offsetTop };
  };
  const release = () => {
    held.current = null;
    list.current?.style.removeProperty("min-height");
  };
  useLayoutEffect(() => {
    if (!held.current?.line.isConnected) return;
    const { line, top } = held.current;
    const scroller = list.current.closest(".scroll");
    const wanted = scroller.scrollTop + line.offsetTop - top;
    // A short list has no room to scroll in.
    list.current.style.minHeight = `${wanted + scroller.clientHeight - list.current.offsetTop}px`;
    scroller.scrollTop = wanted;
    held.current.top = line.offsetTop;
  });
  return { ref: list, onPointerOver: hold, onPointerLeave: release, onFocus: hold, onBlur: release };
}
