import { Icon } from "./Icons.jsx";
import { useScreen } from "./screen.js";

const ICONS = ["play", "thread", "thread", "bolt", "bolt", "close", "close", "lock", "file"];

/** The first view: what this is, and briefs to click. */
export function Start({ onExample, onMenu }) {
  const screen = useScreen();
  const { about } = screen;
  const ready = screen.bot.state === "running";
  return (
    <main className="channel" id="main" tabIndex={-1}>
      <header className="bar">
        <button type="button" className="icon-button only-narrow" aria-label="Channels" onClick={onMenu}><Icon name="menu" /></button>
        <h1>Start here</h1>
      </header>
      <div className="scroll start" tabIndex={0} role="region" aria-label="Start here">
        <section className="hero">
          <p className="kicker">Sandbox</p>
          <h2>Ask for leads in a channel. Get the table in the thread.</h2>
          <p>
            This is a <b>local Slack</b> with a <b>local Origami</b> behind it, and the <b>real bot</b> in between: all on this machine,
            no account, no key. <b>Every lead is invented.</b>
          </p>
        </section>
        {about.examples.length > 0 && (
          <section aria-labelledby="examples">
            <h3 id="examples">{ready ? `Click one, and ${screen.me.real_name} types it in #leads` : "The bot is not there yet …"}</h3>
            <ul className="examples">
              {about.examples.map((example, index) => (
                <li key={example.title}>
                  <button type="button" disabled={!ready} onClick={() => onExample(example)}>
                    <span className="example-title"><Icon name={ICONS[index] ?? "play"} size={16} /> {example.title}</span>
                    <code>/origami {example.brief}</code>
                    <small>Shows: {example.shows}</small>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <section className="then">
          <h3>Then try this</h3>
          <ul>
            <li><b>Be somebody else</b> at the bottom left: of two people who click the same button one wins, and the other is told who.</li>
            <li><b>Kill the bot</b> in the inspector while it works, start it again, and see that nothing got lost.</li>
            <li><b>Ask where it is not easy</b>: a channel without the bot, a private one, an archived one, one shared with another company.</li>
            <li><b>Words in [brackets]</b> choose what Origami does; without them it reads your brief and makes something up.</li>
          </ul>
        </section>
      </div>
    </main>
  );
}
