import { useState } from "react";
import { bot, detail, setSpeed, switchOn } from "./acts.js";
import { Icon } from "./Icons.jsx";
import { useLines, useStill } from "./lines.js";
import { clockTime, useScreen } from "./screen.js";

const LANES = {
  delivery: { name: "Slack → bot", short: "Slack" },
  call: { name: "Bot → Slack", short: "Bot" },
  request: { name: "Bot → Origami", short: "Origami" },
};
const ACK_MS = 3000;
const TABS = { traffic: "Traffic", runs: "Runs", faults: "Faults" };

export function Inspector({ onClose }) {
  const [tab, setTab] = useState("traffic");
  const screen = useScreen();
  return (
    <aside className="inspector" aria-label="Inspector">
      <header className="bar">
        <h2>Inspector</h2>
        <button type="button" className="icon-button" aria-label="Close inspector" onClick={onClose}><Icon name="close" /></button>
      </header>
      <Controls />
      <div className="tabs" role="tablist" aria-label="Inspector">
        {Object.entries(TABS).map(([name, label]) => (
          <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={tab === name} aria-controls="inspector-panel" onClick={() => setTab(name)}>
            {label}{name === "faults" && screen.switches.switches.some((s) => s.on) ? " ●" : ""}
          </button>
        ))}
      </div>
      <div className="scroll panel" id="inspector-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "traffic" && <Traffic />}
        {tab === "runs" && <Runs />}
        {tab === "faults" && <Faults />}
      </div>
    </aside>
  );
}

const STATES = { running: "The bot is running", starting: "The bot is starting …", killed: "The bot is dead", failed: "The bot has ended by itself" };

function Controls() {
  const { bot: process, about, switches } = useScreen();
  const isUp = process.state === "running" || process.state === "starting";
  const elsewhere = process.state === "running" ? "The bot runs elsewhere" : "Waiting for the bot to connect …";
  return (
    <div className="controls">
      <div className="bot-row">
        <p className={`bot-state ${process.state}`} role="status"><span className="dot" aria-hidden="true" />{about.own_bot ? STATES[process.state] : elsewhere}</p>
        {about.own_bot && (isUp
          ? <button type="button" className="button button-danger small" onClick={() => bot("kill")}><Icon name="skull" size={15} /> Kill the bot</button>
          : <button type="button" className="button button-primary small" onClick={() => bot("start")}><Icon name="play" size={14} /> Start it again</button>)}
      </div>
      {process.log && <pre className="log" tabIndex={0}>{process.log}</pre>}
      <fieldset className="speeds">
        <legend>Origami’s time</legend>
        {switches.speeds.map((speed) => (
          <label key={speed}><input type="radio" name="speed" checked={switches.speed === speed} onChange={() => setSpeed(speed)} /><span>{speed}×</span></label>
        ))}
      </fieldset>
    </div>
  );
}

function Traffic() {
  const { entries } = useScreen();
  const [hidden, setHidden] = useState([]);
  const flip = (kind) => setHidden(hidden.includes(kind) ? hidden.filter((k) => k !== kind) : [...hidden, kind]);
  const lines = useLines(entries.filter((entry) => !hidden.includes(entry.kind)));
  const still = useStill();
  return (
    <>
      <div className="lanes" role="group" aria-label="Show">
        {Object.entries(LANES).map(([kind, lane]) => (
          <button key={kind} type="button" className={`lane lane-${kind}`} aria-pressed={!hidden.includes(kind)} onClick={() => flip(kind)}>{lane.name}</button>
        ))}
      </div>
      {lines.length === 0 && <p className="hint">Nothing has been said yet. Type a command, and each request appears here as it happens.</p>}
      <ol className="entries" {...still}>{lines.map((line) => <Entry key={line.key} line={line} />)}</ol>
    </>
  );
}

function Entry({ line }) {
  const [found, setFound] = useState(null);
  const open = async (event) => {
    if (event.target.open) setFound(await detail(line.id));
  };
  const isBad = !line.ok && !line.pending;
  return (
    <li>
      <details className={`entry ${isBad ? "bad" : ""}`} onToggle={open}>
        <summary>
          <time>{clockTime(line.at, true)}</time>
          <span className={`lane lane-${line.kind}`}>{LANES[line.kind].short}</span>
          <span className="entry-title">{line.title}</span>
          {line.ids.length > 1 && <span className="times">×{line.ids.length}</span>}
          <span className="entry-note">{[line.note, isBad || line.kind === "request" ? line.error : ""].filter(Boolean).join(" · ")}{line.pending ? "…" : ""}</span>
          {line.milliseconds != null && <Ack line={line} />}
        </summary>
        {found && <pre tabIndex={0}>{JSON.stringify(found, null, 2)}</pre>}
      </details>
    </li>
  );
}

function Ack({ line }) {
  const share = Math.min(100, Math.max(2, (100 * line.milliseconds) / ACK_MS));
  return (
    <span className="ack" title="How long the bot took to acknowledge; Slack waits 3 seconds">
      <span className="ack-bar" aria-hidden="true"><span style={{ width: `${share}%` }} /></span>
      {line.ok ? "ack" : "no ack"} {line.milliseconds} ms
    </span>
  );
}

function Runs() {
  const { runs, about, people } = useScreen();
  if (!about.reads_records) return <p className="hint">The bot runs elsewhere, and its records with it.</p>;
  if (!runs.length) return <p className="hint">The bot has no runs yet. What it remembers of each stands here, straight from its database.</p>;
  return (
    <ol className="runs">
      {runs.map((run) => (
        <li key={run.id}>
          <p className="run-prompt">{run.prompt}</p>
          <p>
            <span className={`state state-${run.state}`}>{run.state}{run.status ? `: ${run.status}` : ""}</span>{" "}
            {run.steps[1] > 0 && `step ${run.steps[0]} of ${run.steps[1]} · `}{people[run.requester]?.real_name} · by {run.source}
            {run.reason && ` · ${run.reason}`}{run.attempts > 0 && ` · ${run.attempts} failed tries`}{run.leased && " · leased"}
          </p>
          <ul className="owed">
            {run.deliveries.map((d, index) => (
              <li key={index} className={`owed-${d.state}`} title={d.dropped ?? undefined}>
                {d.kind}{d.sequence ? ` ${d.sequence + 1}` : ""} <b>{d.state}</b>{d.revision > 1 ? ` · version ${d.revision}` : ""}{d.dropped ? ` · ${d.dropped}` : ""}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Faults() {
  const { switches } = useScreen();
  return ["Origami", "Slack"].map((side) => (
    <fieldset key={side} className="faults">
      <legend>{side}</legend>
      {switches.switches.filter((s) => s.side === side).map((s) => (
        <label key={s.name} className="fault">
          <input type="checkbox" role="switch" checked={s.on} onChange={(event) => switchOn(s.name, event.target.checked)} />
          <span><b>{s.label}</b><small>{s.explains}</small></span>
        </label>
      ))}
    </fieldset>
  ));
}
