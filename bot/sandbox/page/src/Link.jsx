// Links lead to where the sandbox has what they promise: the local Origami's table pages, and messages here.
import { useScreen } from "./screen.js";

const ARCHIVES = /^https:\/\/[^/]+\.slack\.com\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?(.*))?$/;

/** Where a link to a message leads: { channel, thread }, or null for any other link. */
export function messageAt(url) {
  const found = ARCHIVES.exec(url ?? "");
  if (!found) return null;
  const [, channel, seconds, micros, query] = found;
  const thread = new URLSearchParams(query).get("thread_ts");
  return { channel, thread: thread ?? `${seconds}.${micros}` };
}

export function Link({ href, onClick, children, ...rest }) {
  const { about, go } = useScreen();
  const message = messageAt(href);
  const local = href?.startsWith("https://origami.chat/") ? href.replace("https://origami.chat", about.origami) : href;
  const follow = (event) => {
    onClick?.(event);
    if (message) {
      event.preventDefault();
      go(message.channel, message.thread);
    }
  };
  return (
    <a {...rest} href={local} target="_blank" rel="noopener noreferrer" onClick={follow}>
      {children}
    </a>
  );
}
