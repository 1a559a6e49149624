// Slack's desktop notifications: a new message that mentions the person, wherever they look.
import { useEffect, useRef, useState } from "react";
import { Avatar, Icon } from "./Icons.jsx";
import { mentions, plain, useScreen } from "./screen.js";

const SHOWN_MS = 12_000;

export function Toasts({ where, threadTs, onGo }) {
  const screen = useScreen();
  const known = useRef(null);
  const [toasts, setToasts] = useState([]);
  const all = Object.values(screen.messages).flat();
  useEffect(() => {
    const before = known.current;
    known.current = new Set(all.map((m) => m.ts));
    if (!before) return;
    // What one asked for oneself mentions one too: only replies and direct messages are news.
    const fresh = all.filter((m) => !before.has(m.ts) && m.bot_id && !m.ephemeral && m.thread_ts && m.thread_ts !== m.ts && mentions(m, screen.me.id));
    const unseen = fresh.filter((m) => !(m.channel === where && m.thread_ts === threadTs));
    if (unseen.length) setToasts((old) => [...old, ...unseen].slice(-3));
  }, [all.length]);
  useEffect(() => {
    if (!toasts.length) return undefined;
    const timer = setTimeout(() => setToasts((old) => old.slice(1)), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toasts]);
  // Whoever opens the thread by another way has no more need of the notification.
  useEffect(() => setToasts((old) => old.filter((m) => !(m.channel === where && m.thread_ts === threadTs))), [where, threadTs]);
  const close = (toast) => setToasts((old) => old.filter((one) => one.ts !== toast.ts));
  return (
    <div className="toasts" role="log" aria-label="Notifications">
      {toasts.map((toast) => {
        const channel = screen.channels.find((c) => c.id === toast.channel);
        return (
          <div key={toast.ts} className="toast">
            <button type="button" className="toast-open" onClick={() => { close(toast); onGo(toast.channel, toast.thread_ts); }}>
              <Avatar isBot size={32} />
              <span><b>{screen.about.app} in {channel?.is_im ? "a direct message" : `#${channel?.name}`}</b><small>{plain(toast.text.split("\n")[0], screen.people).slice(0, 90)}</small></span>
            </button>
            <button type="button" className="icon-button" aria-label="Close notification" onClick={() => close(toast)}><Icon name="close" size={14} /></button>
          </div>
        );
      })}
    </div>
  );
}
