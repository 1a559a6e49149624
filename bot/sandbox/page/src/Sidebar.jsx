import { Avatar, Icon } from "./Icons.jsx";
import { mentions, useScreen } from "./screen.js";

const ROLES = { rep: "rep", colleague: "colleague", admin: "admin", guest: "guest", outsider: "from another company" };

/** How many messages wait: { unread, mentioned }. */
export function waiting(screen, channel) {
  const since = screen.read[channel.id] ?? "";
  const others = (screen.messages[channel.id] ?? []).filter((m) => m.user !== screen.me.id && m.ts > since);
  const mentioned = others.filter((m) => mentions(m, screen.me.id) && m.ts > (screen.read[`${channel.id}/${m.thread_ts}`] ?? ""));
  return { unread: others.length > 0, mentioned: mentioned.length };
}

export function Sidebar({ where, onGo, onPerson, isOpen }) {
  const screen = useScreen();
  const channels = screen.channels.filter((c) => !c.is_im).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const dm = screen.channels.find((c) => c.id === screen.me.dm);
  return (
    <nav className={`sidebar ${isOpen ? "open" : ""}`} aria-label="Workspace">
      <div className="workspace">
        <img src="icon.svg" alt="" width="32" height="32" />
        <p><b>{screen.me.team}</b><small>a local Slack</small></p>
      </div>
      <button type="button" className="place" aria-current={where === "start" ? "page" : undefined} onClick={() => onGo("start")}><Icon name="home" size={16} /> Start here</button>
      <h2>Channels</h2>
      <ul>{channels.map((c) => <li key={c.id}><Place channel={c} where={where} onGo={onGo} /></li>)}</ul>
      {dm && <><h2>Apps</h2><ul><li><Place channel={dm} where={where} onGo={onGo} /></li></ul></>}
      <Person onPerson={onPerson} />
    </nav>
  );
}

const rank = (channel) => (channel.is_archived ? 3 : channel.has_bot ? 0 : 1) + (channel.name === "leads" ? -1 : 0);

function Place({ channel, where, onGo }) {
  const screen = useScreen();
  const { unread, mentioned } = waiting(screen, channel);
  const label = channel.is_archived ? "archived" : !channel.has_bot ? "no bot" : channel.is_ext_shared ? "shared" : channel.is_read_only ? "read-only" : "";
  return (
    <button type="button" className={`place ${unread ? "unread" : ""}`} aria-current={where === channel.id ? "page" : undefined} onClick={() => onGo(channel.id)}>
      {channel.is_im ? <Avatar isBot size={18} /> : <Icon name={channel.is_private ? "lock" : "hash"} size={16} />}
      <span className="place-name">{channel.is_im ? screen.about.app : channel.name}</span>
      {unread && <span className="sr-only">unread</span>}
      {label && <small className="badge">{label}</small>}
      {mentioned > 0 && <span className="count" aria-label={`${mentioned} mentions`}>{mentioned}</span>}
    </button>
  );
}

function Person({ onPerson }) {
  const screen = useScreen();
  const people = Object.values(screen.people).filter((p) => ROLES[p.alias]);
  return (
    <fieldset className="persons">
      <legend>You are</legend>
      {people.map((person) => (
        <label key={person.id} className="person">
          <input type="radio" name="person" value={person.alias} checked={person.id === screen.me.id} onChange={() => onPerson(person.alias)} />
          <Avatar person={person} size={26} />
          <span>{person.real_name}<small>{ROLES[person.alias]}</small></span>
        </label>
      ))}
    </fieldset>
  );
}
