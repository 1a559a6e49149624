import { useEffect, useRef, useState } from "react";
import { act, problem } from "./acts.js";
import { Blocks } from "./Blocks.jsx";
import { chosen } from "./Elements.jsx";
import { Avatar, Icon } from "./Icons.jsx";
import { useScreen } from "./screen.js";

const key = (element, block) => `${block.block_id}/${element.action_id}`;

/** What the server knows of the form: the last value that it was given, or the initial one. */
function stored(view, element, block) {
  const entry = view.state.values[block.block_id]?.[element.action_id];
  if (!entry) return undefined;
  const { type: _, ...value } = entry;
  return chosen(Object.values(value)[0], element.type.endsWith("external_select"));
}

export function Modal({ view, here }) {
  const screen = useScreen();
  const dialog = useRef(null);
  const [typed, setTyped] = useState({});
  const [warning, setWarning] = useState("");
  const [errors, setErrors] = useState({});
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!dialog.current.open) dialog.current.showModal();
  }, []);
  useEffect(() => {
    setErrors({});
    setWarning("");
  }, [view.hash]);

  const values = formValues(view, typed, here);
  const place = {
    where: { view: "modal" },
    errors: { ...view.errors, ...errors },
    value: (element, block) => values[key(element, block)] ?? stored(view, element, block),
    change: (element, block, value) => setTyped((all) => ({ ...all, [key(element, block)]: value })),
    press: async (control, option) => {
      await act(screen.me.alias, "fill", { values: known(view, values) });
      setWarning(problem(await act(screen.me.alias, "click", { view: "modal", control, option })));
    },
  };
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const outcome = await act(screen.me.alias, "submit", { values: known(view, values) });
    setBusy(false);
    setErrors(outcome.errors ?? {});
    setWarning(problem(outcome));
  };
  const close = (event) => {
    event?.preventDefault();
    act(screen.me.alias, "close_modal", {});
  };

  return (
    <dialog ref={dialog} className="modal" aria-label={view.title.text} onCancel={close}>
      <form onSubmit={submit} noValidate>
        <header>
          <Avatar isBot size={28} />
          <h2>{view.title.text}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={close}><Icon name="close" /></button>
        </header>
        <div className="modal-body">
          <Blocks blocks={view.blocks} place={place} />
          {warning && <p className="warning" role="alert">{warning}</p>}
        </div>
        <footer>
          <button type="button" className="button" onClick={close}>{view.close?.text ?? "Close"}</button>
          {view.submit && <button type="submit" className="button button-primary" disabled={busy}>{view.submit.text}</button>}
        </footer>
      </form>
    </dialog>
  );
}

/** What is typed; and where the app asks for it, the conversation that one is in. */
function formValues(view, typed, here) {
  const values = { ...typed };
  for (const block of view.blocks) {
    const element = block.element;
    if (element?.default_to_current_conversation && values[key(element, block)] === undefined && !stored(view, element, block)) {
      values[key(element, block)] = here;
    }
  }
  return values;
}

/** Without what stood in an earlier version of the view. */
function known(view, values) {
  const there = new Set(view.blocks.map((block) => block.block_id));
  return Object.fromEntries(Object.entries(values).filter(([name]) => there.has(name.split("/")[0])));
}
