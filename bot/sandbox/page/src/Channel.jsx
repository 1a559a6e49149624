import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { act, problem } from "./acts.js";
import { Blocks } from "./Blocks.jsx";
import { Composer } from "./Composer.jsx";
import { Avatar, Icon } from "./Icons.jsx";
import { Message } from "./Message.jsx";
import { nameOf, thread, timeline, useScreen } from "./screen.js";

/** Keeps a list at its end as it grows, unless the person has scrolled up. */
function useEnd(size, key) {
  const list = useRef(null);
  const atEnd = useRef(true);
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = list.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < 80;
  };
  useLayoutEffect(() => {
    atEnd.current = true;
  }, [key]);
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [size, key]);
  return { ref: list, onScroll };
}

function Messages({ messages, label, onThread, name, intro }) {
  const end = useEnd(JSON.stringify(messages).length, name);
  return (
    <div className="scroll" {...end} tabIndex={0} role="region" aria-label={label}>
      <ol className="messages">
        {intro && <li className="intro">{intro}</li>}
        {messages.map((message) => (
          <Message key={message.ts} message={message} onThread={onThread && (() => onThread(message.ts))} />
        ))}
      </ol>
    </div>
  );
}

export function ChannelView({ channel, onThread, onMenu }) {
  const screen = useScreen();
  const [warning, setWarning] = useState("");
  const [tab, setTab] = useState("messages");
  useEffect(() => {
    setTab("messages");
    if (channel.is_im) act(screen.me.alias, "open_home", { tab: "messages" });
  }, [channel.id]);
  const messages = timeline(screen, channel.id);
  const name = nameOf(screen, channel);
  const change = async (what) => setWarning(problem(await act(screen.me.alias, "membership", { act: what, channel: channel.id })));
  const show = (wanted) => {
    setTab(wanted);
    act(screen.me.alias, "open_home", { tab: wanted });
  };
  return (
    <main className="channel" id="main" tabIndex={-1}>
      <header className="bar">
        <button type="button" className="icon-button only-narrow" aria-label="Channels" onClick={onMenu}><Icon name="menu" /></button>
        <h1>{channel.is_im ? <Avatar isBot size={24} /> : <Icon name={channel.is_private ? "lock" : "hash"} />} {name}</h1>
        <Badges channel={channel} />
        {channel.is_member && !channel.has_bot && !channel.is_archived && (
          <button type="button" className="button small" onClick={() => change("invite_app")}>Invite {screen.about.app}</button>
        )}
      </header>
      {channel.is_im && screen.about.home_tab && (
        <div className="tabs" role="tablist" aria-label={`${name}'s tabs`}>
          {["home", "messages"].map((one) => (
            <button key={one} type="button" role="tab" aria-selected={tab === one} onClick={() => show(one)}>{one === "home" ? "Home" : "Messages"}</button>
          ))}
        </div>
      )}
      {warning && <p className="warning" role="alert">{warning}</p>}
      {channel.is_im && tab === "home" ? <Home /> : (
        <>
          <Messages messages={messages} label={`Messages in ${name}`} onThread={onThread} name={channel.id} intro={<Intro channel={channel} name={name} />} />
          <Foot channel={channel} name={name} onJoin={() => change("join")} />
        </>
      )}
    </main>
  );
}

function Badges({ channel }) {
  const screen = useScreen();
  return (
    <span className="badges">
      {channel.is_archived && <span className="badge">archived</span>}
      {channel.is_ext_shared && <span className="badge">shared with Contoso</span>}
      {channel.is_read_only && <span className="badge">read-only</span>}
      {!channel.has_bot && <span className="badge">{screen.about.app} is not here</span>}
    </span>
  );
}

function Intro({ channel, name }) {
  const { about } = useScreen();
  const command = about.commands[0]?.command;
  const words = channel.is_im
    ? `What ${about.app} has to tell you alone stands here.`
    : `The beginning of #${name}.${command && channel.is_member && !channel.is_archived ? ` Type ${command} and what you want.` : ""}`;
  return (
    <>
      <h2>{channel.is_im ? <Avatar isBot size={28} /> : <Icon name={channel.is_private ? "lock" : "hash"} size={24} />} {name}</h2>
      <p>{words}</p>
    </>
  );
}

function Foot({ channel, name, onJoin }) {
  const screen = useScreen();
  if (channel.is_archived) return <p className="foot-note">You are viewing <b>#{name}</b>, an archived channel.</p>;
  if (!channel.is_member) {
    return <p className="foot-note">You are viewing <b>#{name}</b>. <button type="button" className="button button-primary" onClick={onJoin}>Join channel</button></p>;
  }
  if (channel.is_im && screen.about.read_only_messages) return <p className="foot-note">Sending messages to this app has been turned off.</p>;
  return <Composer key={channel.id} channel={channel.id} placeholder={`Message ${channel.is_im ? name : `#${name}`}`} />;
}

export function ThreadPane({ channel, ts, onClose }) {
  const screen = useScreen();
  const messages = thread(screen, channel.id, ts);
  const session = screen.sessions.find((s) => s.channel_id === channel.id && s.thread_ts === ts);
  const pane = useRef(null);
  useEffect(() => pane.current?.focus(), [ts]);
  return (
    <aside className="thread" aria-label="Thread" ref={pane} tabIndex={-1} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header className="bar">
        <h2>Thread <small>{channel.is_im ? "" : `#${channel.name}`}</small></h2>
        <button type="button" className="icon-button" aria-label="Close thread" onClick={onClose}><Icon name="close" /></button>
      </header>
      <Messages messages={messages} label="Messages in the thread" name={ts} />
      {session && <Session session={session} ts={ts} />}
      {!channel.is_archived && channel.is_member && <Composer key={ts} channel={channel.id} threadTs={ts} placeholder="Reply…" />}
    </aside>
  );
}

/** The agent session of a thread: Slack's own line above the composer, with its own stop button. */
function Session({ session, ts }) {
  const screen = useScreen();
  const isAtWork = session.status === "processing";
  if (!isAtWork && !session.assistant_status) return null;
  const stop = () => act(screen.me.alias, "stop_session", { channel: session.channel_id, ts });
  return (
    <p className="session" role="status">
      {screen.about.app} {session.assistant_status || "is working …"}
      {isAtWork && <button type="button" className="button small" onClick={stop}>Stop responding</button>}
    </p>
  );
}

function Home() {
  const screen = useScreen();
  const home = screen.home;
  const place = {
    where: { view: "home" },
    press: (control, option) => act(screen.me.alias, "click", { view: "home", control, option }),
    value: () => undefined,
  };
  return (
    <div className="scroll home" tabIndex={0} role="tabpanel" aria-label="Home">
      {home ? <Blocks blocks={home.blocks} place={place} /> : <p className="empty">{screen.about.app} has put nothing here yet.</p>}
    </div>
  );
}
