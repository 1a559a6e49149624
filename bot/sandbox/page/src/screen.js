// The person's screen, made of the parts.
import { createContext, useContext } from "react";

export const Screen = createContext(null);
export const useScreen = () => useContext(Screen);

const byTs = (a, b) => (a.ts < b.ts ? -1 : 1);

export function readScreen(parts) {
  if (!parts.me) return null;
  const messages = {};
  const entries = [];
  for (const [name, part] of Object.entries(parts)) {
    if (name.startsWith("message/")) (messages[part.channel] ??= []).push(part);
    else if (/^(delivery|call|request)\//.test(name)) entries.push({ id: name, ...part });
  }
  for (const list of Object.values(messages)) list.sort(byTs);
  entries.sort((a, b) => a.at - b.at);
  const people = Object.fromEntries(parts.people.map((person) => [person.id, person]));
  return { ...parts, messages, entries, people, me: { ...parts.me, ...people[parts.me.id] } };
}

export const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;

export function timeline(screen, channelId) {
  return (screen.messages[channelId] ?? []).filter((m) => !isReply(m) || m.broadcast);
}

export function thread(screen, channelId, ts) {
  return (screen.messages[channelId] ?? []).filter((m) => m.ts === ts || m.thread_ts === ts);
}

export const mentions = (message, userId) => JSON.stringify([message.text, message.blocks]).includes(`<@${userId}>`);

/** A message's text without Slack's markup, for places where only words fit. */
export function plain(text, people) {
  return text
    .replace(/<@([A-Z0-9]+)(\|[^>]*)?>/g, (_, id) => `@${people[id]?.real_name ?? id}`)
    .replace(/<[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<([^>]*)>/g, "$1")
    .replace(/[*_~`]/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

export function nameOf(screen, channel) {
  if (!channel) return "";
  if (!channel.is_im) return channel.name;
  return screen.people[channel.user]?.real_name ?? screen.about.app;
}

export function clockTime(seconds, withSeconds = false) {
  return new Date(seconds * 1000).toLocaleTimeString([], {
    hour: "numeric",
    minute: "2-digit",
    ...(withSeconds ? { second: "2-digit", hour12: false } : {}),
  });
}
