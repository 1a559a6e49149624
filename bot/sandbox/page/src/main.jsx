import { useCallback, useEffect, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import "@fontsource/lato/latin-400.css";
import "@fontsource/lato/latin-700.css";
import "@fontsource/lato/latin-900.css";
import "@fontsource/lato/latin-ext-400.css";
import "@fontsource/lato/latin-ext-700.css";
import "slack-blocks-to-jsx/dist/style.css";
import "./page.css";
import "./inspector.css";
import { act, problem, switchOn } from "./acts.js";
import { ChannelView, ThreadPane } from "./Channel.jsx";
import { Icon } from "./Icons.jsx";
import { Inspector } from "./Inspector.jsx";
import { Modal } from "./Modal.jsx";
import { Sidebar } from "./Sidebar.jsx";
import { Start } from "./Start.jsx";
import { Toasts } from "./Toasts.jsx";
import { readScreen, Screen } from "./screen.js";
import { follow, useConnected, useParts } from "./store.js";

const keep = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));
const kept = (name, otherwise) => JSON.parse(sessionStorage.getItem(name) ?? "null") ?? otherwise;

/** The theme: the system's, until it is chosen here. */
function useTheme() {
  const [theme, setTheme] = useState(() => kept("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  document.documentElement.dataset.theme = theme;
  const flip = () => {
    const next = theme === "dark" ? "light" : "dark";
    keep("theme", next);
    setTheme(next);
  };
  return [theme, flip];
}

/** How far each person has read, per channel and per thread. */
function useRead(alias, screen, where, threadTs) {
  const [read, setRead] = useState(() => kept("read", {}));
  const mine = read[alias] ?? {};
  const last = screen?.messages[where]?.at(-1)?.ts;
  useEffect(() => {
    if (!last) return;
    setRead((all) => {
      const places = { ...all[alias], [where]: last, ...(threadTs ? { [`${where}/${threadTs}`]: last } : {}) };
      const next = { ...all, [alias]: places };
      keep("read", next);
      return next;
    });
  }, [alias, where, threadTs, last]);
  return mine;
}

function App() {
  const parts = useParts();
  const connected = useConnected();
  const [alias, setAlias] = useState(() => kept("person", "rep"));
  const [where, setWhere] = useState("start");
  const [threadTs, setThreadTs] = useState(null);
  const [menu, setMenu] = useState(false);
  const [inspecting, setInspecting] = useState(() => kept("inspecting", matchMedia("(min-width: 1100px)").matches));
  const [notice, setNotice] = useState("");
  const [theme, flipTheme] = useTheme();
  useEffect(() => follow(alias), [alias]);
  const base = useMemo(() => readScreen(parts), [parts]);
  const read = useRead(alias, base, where, threadTs);

  const go = useCallback((place, ts = null) => {
    setWhere(place);
    setThreadTs(ts);
    setMenu(false);
    setNotice("");
  }, []);
  const screen = useMemo(() => base && { ...base, read, go }, [base, read, go]);
  if (!screen || screen.me.alias !== alias) return <p className="loading" role="status">Opening the sandbox …</p>;

  const channel = screen.channels.find((c) => c.id === where);
  const become = (person) => {
    keep("person", person);
    setAlias(person);
    if (person === "outsider") go("start");
  };
  const inspect = (wanted) => {
    keep("inspecting", wanted);
    setInspecting(wanted);
  };
  const run = async (example) => {
    const leads = screen.channels.find((c) => c.name === "leads" && c.is_member) ?? screen.channels.find((c) => c.is_member && c.has_bot && !c.is_im);
    if (!leads) return setNotice(`${screen.me.real_name} is in no channel with ${screen.about.app}: be somebody else, at the bottom left.`);
    if (example.switch) await switchOn(example.switch, true, true);
    go(leads.id);
    setNotice(problem(await act(alias, "command", { channel: leads.id, text: `/origami ${example.brief}` })));
  };

  return (
    <Screen.Provider value={screen}>
      <a className="skip" href="#main">Skip to the messages</a>
      <div className={`page ${channel && threadTs ? "with-thread" : ""} ${inspecting ? "with-inspector" : ""}`}>
        <header className="top">
          <p><b>Origami for Slack</b> <span>sandbox · a local Slack, invented leads</span></p>
          {!connected && <p className="offline" role="status">The sandbox has stopped. Start it again, and this page goes on.</p>}
          <button type="button" className="icon-button" aria-label={theme === "dark" ? "Light" : "Dark"} onClick={flipTheme}><Icon name={theme === "dark" ? "sun" : "moon"} /></button>
          <button type="button" className="top-button" aria-pressed={inspecting} onClick={() => inspect(!inspecting)}><Icon name="lens" size={16} /> Inspector</button>
        </header>
        <Sidebar where={where} onGo={go} onPerson={become} isOpen={menu} />
        {channel ? <ChannelView channel={channel} onThread={(ts) => setThreadTs(ts)} onMenu={() => setMenu(!menu)} /> : <Start onExample={run} onMenu={() => setMenu(!menu)} />}
        {channel && threadTs && <ThreadPane channel={channel} ts={threadTs} onClose={() => setThreadTs(null)} />}
        {inspecting && <Inspector onClose={() => inspect(false)} />}
      </div>
      {notice && <p className="notice" role="alert">{notice} <button type="button" className="icon-button" aria-label="Close notice" onClick={() => setNotice("")}><Icon name="close" /></button></p>}
      <Toasts key={alias} where={where} threadTs={threadTs} onGo={go} />
      {screen.modal && <Modal key={screen.modal.id} view={screen.modal} here={channel?.id ?? screen.channels.find((c) => c.name === "leads")?.id} />}
    </Screen.Provider>
  );
}

createRoot(document.getElementById("root")).render(<App />);
