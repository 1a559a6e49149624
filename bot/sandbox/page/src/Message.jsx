import { useState } from "react";
import { act, problem } from "./acts.js";
import { Blocks } from "./Blocks.jsx";
import { Avatar, Icon } from "./Icons.jsx";
import { clockTime, mentions, plain, thread, useScreen } from "./screen.js";

/** A message as a place of interactive elements. */
function useMessagePlace(message, say) {
  const screen = useScreen();
  const [given, setGiven] = useState({});
  const key = (element, block) => `${block.block_id}/${element.action_id}`;
  return {
    where: { channel: message.channel, ts: message.ts },
    press: async (control, option) => {
      const outcome = await act(screen.me.alias, "click", { channel: message.channel, ts: message.ts, control, option });
      say(problem(outcome));
    },
    value: (element, block) => given[key(element, block)] ?? element.initial_option?.value ?? element.initial_value,
    change: (element, block, value) => setGiven((all) => ({ ...all, [key(element, block)]: value })),
  };
}

export function Message({ message, onThread, isNew }) {
  const screen = useScreen();
  const [warning, setWarning] = useState("");
  const place = useMessagePlace(message, setWarning);
  const author = screen.people[message.user];
  const isApp = Boolean(message.bot_id);
  const name = author?.real_name ?? (message.user === "USLACKBOT" ? "Slackbot" : screen.about.app);
  const time = clockTime(Number(message.ts));
  const mine = mentions(message, screen.me.id);
  return (
    <li className={`message ${message.ephemeral ? "ephemeral" : ""} ${mine && isApp ? "for-me" : ""} ${isNew ? "is-new" : ""}`} data-ts={message.ts}>
      <Avatar person={author ?? { id: message.user, real_name: name }} isBot={isApp} />
      <div className="message-body">
        {message.ephemeral && <p className="only-you"><Icon name="eye" size={14} /> Only visible to you</p>}
        <p className="byline">
          <b>{name}</b> {isApp && <span className="tag">APP</span>} <time>{time}</time>
        </p>
        <Content message={message} place={place} />
        {(message.files ?? []).map((file) => <File key={file.id} file={file} />)}
        {warning && <p className="warning" role="alert">{warning}</p>}
        {onThread && <Below message={message} onThread={onThread} />}
        {!message.ephemeral && <Toolbar message={message} name={name} onThread={onThread} say={setWarning} />}
      </div>
    </li>
  );
}

function Content({ message, place }) {
  const words = [{ type: "section", text: { type: "mrkdwn", text: message.text } }];
  const attached = (message.attachments ?? []).flatMap((a) => a.blocks ?? (a.text ? [{ type: "section", text: { type: "mrkdwn", text: a.text } }] : []));
  return (
    <>
      {message.blocks?.length ? <Blocks blocks={message.blocks} place={place} /> : message.text && <Blocks blocks={words} place={place} />}
      {attached.length > 0 && <div className="attachment"><Blocks blocks={attached} place={place} /></div>}
      {message.edited && !message.bot_id && <span className="edited">(edited)</span>}
    </>
  );
}

function File({ file }) {
  return (
    <a className="file" href={`/_control/files/${file.id}`} download={file.name}>
      <Icon name="file" size={28} />
      <span><b>{file.title || file.name}</b><small>{file.filetype.toUpperCase()} · {file.size.toLocaleString()} bytes</small></span>
    </a>
  );
}

/** What can be done with a message: shown when it is pointed at or reached with the keyboard. */
function Toolbar({ message, name, onThread, say }) {
  const screen = useScreen();
  const about = `: ${name}, ${plain(message.text, screen.people).slice(0, 60)}`;
  const start = async (shortcut) =>
    say(problem(await act(screen.me.alias, "message_shortcut", { channel: message.channel, ts: message.ts, name: shortcut.id })));
  const shortcuts = screen.about.shortcuts.filter((shortcut) => shortcut.kind === "message");
  if (!onThread && !shortcuts.length) return null;
  return (
    <div className="toolbar">
      {onThread && <button type="button" aria-label={`Reply in thread${about}`} onClick={onThread}><Icon name="thread" size={14} /> Reply in thread</button>}
      {shortcuts.map((shortcut) => (
        <button key={shortcut.id} type="button" aria-label={shortcut.name + about} onClick={() => start(shortcut)}><Icon name="bolt" size={14} /> {shortcut.name}</button>
      ))}
    </div>
  );
}

function Below({ message, onThread }) {
  const screen = useScreen();
  const replies = thread(screen, message.channel, message.ts).filter((m) => m.ts !== message.ts && !m.ephemeral);
  if (message.ephemeral || !replies.length) return null;
  const last = replies.at(-1);
  const waiting = mentions(last, screen.me.id) && last.ts > (screen.read[`${message.channel}/${message.ts}`] ?? "");
  return (
    <button type="button" className={`reply-link ${waiting ? "waiting" : ""}`} onClick={onThread}>
      <Avatar person={screen.people[last.user]} isBot={Boolean(last.bot_id)} size={22} />
      <b>{replies.length} {replies.length === 1 ? "reply" : "replies"}</b>
      <span>{waiting ? "mentions you" : `Last at ${clockTime(Number(last.ts))}`}</span>
    </button>
  );
}
