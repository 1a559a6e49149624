import { useId, useRef, useState } from "react";
import { act, contents, problem } from "./acts.js";
import { Icon } from "./Icons.jsx";
import { useScreen } from "./screen.js";

/** Where one types: messages, and slash commands with their help. Commands do not work in threads. */
export function Composer({ channel, threadTs, placeholder, onSent }) {
  const screen = useScreen();
  const [text, setText] = useState("");
  const [files, setFiles] = useState([]);
  const [warning, setWarning] = useState("");
  const [marked, setMarked] = useState(0);
  const field = useRef(null);
  const list = useId();
  const typing = /^\/\S*$/.test(text) && !threadTs;
  const offers = typing ? screen.about.commands.filter((c) => c.command.startsWith(text)) : [];
  const exact = screen.about.commands.find((c) => text.startsWith(`${c.command} `) || text === c.command);

  const take = (offer) => {
    setText(`${offer.command} `);
    field.current.focus();
  };
  const send = async () => {
    const line = text.trim();
    if (!line && !files.length) return;
    if (threadTs && line.startsWith("/")) {
      setWarning(`${line.split(" ")[0]} is not supported in threads. Sorry!`);
      return;
    }
    setText("");
    setFiles([]);
    setWarning("");
    const outcome = line.startsWith("/")
      ? await act(screen.me.alias, "command", { channel, text: line })
      : await act(screen.me.alias, "say", { channel, text: line, thread_ts: threadTs, files: await contents(files) });
    setWarning(problem(outcome));
    onSent?.();
  };
  const onKeyDown = (event) => {
    if (event.nativeEvent.isComposing) return;
    const isOpen = offers.length > 0 && text !== offers[marked]?.command;
    if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setMarked((marked + (event.key === "ArrowDown" ? 1 : offers.length - 1)) % offers.length);
    } else if (isOpen && (event.key === "Tab" || event.key === "Enter")) {
      event.preventDefault();
      take(offers[marked] ?? offers[0]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };

  return (
    <form className="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {offers.length > 0 && (
        <ul className="offers" id={list} role="listbox" aria-label="Slash commands">
          {offers.map((offer, index) => (
            <li key={offer.command} id={`${list}-${index}`} role="option" aria-selected={index === marked} onMouseDown={(event) => { event.preventDefault(); take(offer); }}>
              <b>{offer.command}</b> <span className="hint">{offer.hint}</span>
              <small>{offer.description} · {screen.about.app}</small>
            </li>
          ))}
        </ul>
      )}
      {warning && <p className="warning" role="alert">{warning}</p>}
      <div className="composer-box">
        <textarea
          ref={field} rows={1} value={text} placeholder={placeholder} aria-label={placeholder}
          role="combobox" aria-expanded={offers.length > 0} aria-controls={offers.length > 0 ? list : undefined} aria-autocomplete="list"
          aria-activedescendant={offers.length > 0 ? `${list}-${marked}` : undefined}
          onChange={(event) => { setText(event.target.value); setMarked(0); setWarning(""); }} onKeyDown={onKeyDown}
        />
        {!threadTs && <Shortcuts say={setWarning} />}
        <label className="icon-button" title="Attach files">
          <Icon name="clip" />
          <input type="file" className="sr-only" aria-label="Attach files" multiple value="" onChange={(event) => setFiles([...event.target.files])} />
        </label>
        <button type="submit" className="send" aria-label="Send" disabled={!text.trim() && !files.length}><Icon name="send" /></button>
      </div>
      <p className="composer-hint">
        {files.length > 0 && `${files.map((file) => file.name).join(", ")} · `}
        {exact ? `${exact.command} ${exact.hint}` : threadTs ? "Enter to send" : "Type / for commands · Enter to send · Shift+Enter for a new line"}
      </p>
    </form>
  );
}

/** The app's global shortcuts, as Slack keeps them behind its lightning bolt. */
function Shortcuts({ say }) {
  const screen = useScreen();
  const shortcuts = screen.about.shortcuts.filter((shortcut) => shortcut.kind === "global");
  return shortcuts.map((shortcut) => (
    <button key={shortcut.id} type="button" className="icon-button" aria-label={shortcut.name} title={shortcut.name}
      onClick={async () => say(problem(await act(screen.me.alias, "shortcut", { name: shortcut.id })))}>
      <Icon name="bolt" />
    </button>
  ));
}
