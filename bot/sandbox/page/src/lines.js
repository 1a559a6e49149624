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

const words = (line) => JSON.stringify(SAID.map((name) => line[name]));

/** The lines of these entries; each keeps its key, and so stays open, while entries join it and leave it. */
export function useLines(entries) {
  const known = useRef([]);
  const lines = folded(entries);
  const taken = new Set();
  const take = (is) => {
    const found = known.current.find((line) => !taken.has(line.key) && is(line));
    if (found) taken.add(found.key);
    return found?.key;
  };
  for (const line of lines) {
    const ids = new Set(line.ids);
    line.key = take((before) => before.ids.some((id) => ids.has(id)));
  }
  for (const line of lines) {
    // All of its entries may have gone, and others that say the same have come, since it was last shown.
    line.key ??= take((before) => before.kind !== "delivery" && words(before) === words(line)) ?? line.id;
  }
  known.current = lines;
  return lines;
}

/** For a list that grows at its top: the line that the person points at, or has gone to, stays where it is. */
export function useStill() {
  const list = useRef(null);
  const held = useRef({ pointed: null, focused: null });
  const hold = (way) => ({ target }) => {
    const line = target.closest("li");
    held.current[way] = line && { line, top: line.offsetTop };
  };
  const release = (way) => () => {
    held.current[way] = null;
    if (!held.current.pointed && !held.current.focused) list.current?.style.removeProperty("min-height");
  };
  useLayoutEffect(() => {
    const both = Object.values(held.current).filter((one) => one?.line.isConnected);
    if (!both.length) return;
    const { line, top } = both[0];
    const scroller = list.current.closest(".scroll");
    const wanted = scroller.scrollTop + line.offsetTop - top;
    // A short list has no room to scroll in.
    const above = list.current.offsetTop - scroller.offsetTop;
    list.current.style.minHeight = `${wanted + scroller.clientHeight - above}px`;
    scroller.scrollTop = wanted;
    for (const one of both) one.top = one.line.offsetTop;
  });
  return {
    ref: list,
    onPointerOver: hold("pointed"),
    onPointerLeave: release("pointed"),
    onFocus: hold("focused"),
    onBlur: release("focused"),
  };
}
