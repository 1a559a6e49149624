// Interactive elements. A `place` says where they stand: it presses buttons and keeps what is typed.
//   place.press(control, option)  -> Promise, for what Slack sends at once
//   place.value(element, block)   -> what is typed or chosen; undefined where the place keeps nothing
//   place.change(element, block, value)
//   place.where                   -> what the server calls the place
import { useEffect, useRef, useState } from "react";
import { contents, options } from "./acts.js";
import { Link } from "./Link.jsx";
import { useScreen } from "./screen.js";

const address = (element, block) => `${block.block_id}/${element.action_id}`;
const labelOf = (element) => element.text?.text ?? element.placeholder?.text ?? element.action_id;

export function Element(props) {
  const kind = props.element.type;
  if (kind === "button" || kind === "workflow_button") return <Button {...props} />;
  if (kind === "icon_button") return <Button {...props} />;
  if (kind === "feedback_buttons") return <Feedback {...props} />;
  if (kind === "overflow") return <Select {...props} isOverflow />;
  if (kind === "radio_buttons" || kind === "checkboxes") return <Boxes {...props} />;
  if (kind.endsWith("external_select")) return <External {...props} />;
  if (kind.endsWith("select")) return <Select {...props} />;
  if (kind === "file_input") return <Files {...props} />;
  return <Field {...props} />;
}

function Files({ element, block, place, id, describedBy, isInvalid }) {
  const accept = (element.filetypes ?? []).map((kind) => `.${kind}`).join(",");
  const choose = async (event) => place.change(element, block, await contents(event.target.files));
  return (
    <input id={id} type="file" className="field" accept={accept} multiple={(element.max_files ?? 10) > 1}
      aria-describedby={describedBy} aria-invalid={isInvalid || undefined} onChange={choose} />
  );
}

function Button({ element, block, place }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const press = async () => {
    setAsking(false);
    setBusy(true);
    await place.press(address(element, block));
    setBusy(false);
  };
  const label = labelOf(element);
  const shared = {
    className: `button ${element.style ? `button-${element.style}` : ""}`,
    "aria-label": element.accessibility_label,
    "aria-busy": busy || undefined,
  };
  if (element.url) {
    return (
      <Link {...shared} href={element.url} onClick={press}>
        {label}
      </Link>
    );
  }
  return (
    <>
      <button type="button" {...shared} disabled={busy} onClick={element.confirm ? () => setAsking(true) : press}>
        {label}
      </button>
      {asking && <Confirm confirm={element.confirm} onYes={press} onNo={() => setAsking(false)} />}
    </>
  );
}

function Confirm({ confirm, onYes, onNo }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return (
    <dialog ref={dialog} className="modal confirm" aria-label={confirm.title.text} onCancel={onNo}>
      <h2>{confirm.title.text}</h2>
      <p>{confirm.text.text}</p>
      <footer>
        <button type="button" className="button" onClick={onNo}>{confirm.deny.text}</button>
        <button type="button" className={`button button-${confirm.style ?? "primary"}`} onClick={onYes}>{confirm.confirm.text}</button>
      </footer>
    </dialog>
  );
}

function Feedback({ element, place }) {
  return [element.positive_button, element.negative_button].map((half) => (
    <button key={half.text.text} type="button" className="button" aria-label={half.accessibility_label} onClick={() => place.press(half.text.text)}>
      {half.text.text}
    </button>
  ));
}

/** What a select offers: [{ value, label, group }]. */
function useOffers(element) {
  const screen = useScreen();
  const kind = element.type;
  if (kind.endsWith("users_select")) {
    return Object.values(screen.people).filter((p) => !p.is_bot).map((p) => ({ value: p.id, label: p.real_name }));
  }
  if (kind.endsWith("channels_select") || kind.endsWith("conversations_select")) {
    const wanted = screen.channels.filter((c) => c.is_member && !c.is_archived && (kind.endsWith("conversations_select") || !c.is_im));
    return wanted.map((c) => ({ value: c.id, label: c.is_im ? `${screen.about.app} (direct message)` : `#${c.name}` }));
  }
  const groups = element.option_groups ?? [{ options: element.options ?? [] }];
  return groups.flatMap((group) =>
    group.options.map((option) => ({ value: option.value, label: option.text.text, group: group.label?.text })),
  );
}

/** The state that the server keeps, as the value that the control API takes. */
export function chosen(stored, isExternal) {
  if (Array.isArray(stored)) return stored.map((one) => chosen(one, isExternal));
  if (stored && typeof stored === "object") return (isExternal ? stored.text.text : stored.value) ?? "";
  return stored ?? "";
}

function Select({ element, block, place, id, describedBy, isInvalid, isOverflow }) {
  const offers = useOffers(element);
  const isMany = element.type.startsWith("multi_");
  const kept = place.value?.(element, block);
  const choose = (event) => {
    const value = isMany ? [...event.target.selectedOptions].map((o) => o.value) : event.target.value;
    if (place.change) place.change(element, block, value);
    if (block.type !== "input" || block.dispatch_action) place.press(address(element, block), value);
  };
  const groups = [...new Set(offers.map((offer) => offer.group))];
  const options = (group) =>
    offers.filter((o) => o.group === group).map((o) => <option key={o.value} value={o.value}>{o.label}</option>);
  const named = id ? { id, "aria-describedby": describedBy, "aria-invalid": isInvalid || undefined } : { "aria-label": isOverflow ? "More actions" : labelOf(element) };
  return (
    <select {...named} className="select" multiple={isMany} value={kept ?? (isMany ? [] : "")} onChange={choose}>
      {!isMany && <option value="" disabled hidden>{isOverflow ? "⋯" : (element.placeholder?.text ?? "Choose")}</option>}
      {groups.map((group) => (group ? <optgroup key={group} label={group}>{options(group)}</optgroup> : options(group)))}
    </select>
  );
}

function Boxes({ element, block, place, describedBy }) {
  const isMany = element.type === "checkboxes";
  const kept = place.value?.(element, block) ?? (isMany ? [] : "");
  const choose = (value) => {
    const next = !isMany ? value : kept.includes(value) ? kept.filter((v) => v !== value) : [...kept, value];
    place.change?.(element, block, next);
    if (block.type !== "input" || block.dispatch_action) place.press(address(element, block), next);
  };
  return (
    <div role={isMany ? "group" : "radiogroup"} aria-label={block.label?.text ?? block.text?.text ?? element.action_id} aria-describedby={describedBy}>
      {element.options.map((option) => (
        <label key={option.value} className="box">
          <input
            type={isMany ? "checkbox" : "radio"}
            name={address(element, block)}
            checked={isMany ? kept.includes(option.value) : kept === option.value}
            onChange={() => choose(option.value)}
          />
          <span>{option.text.text}{option.description && <small>{option.description.text}</small>}</span>
        </label>
      ))}
    </div>
  );
}

/** A menu that the app fills as one types; what is chosen is kept by its label. */
function External({ element, block, place, id, describedBy }) {
  const screen = useScreen();
  const isMany = element.type.startsWith("multi_");
  const [query, setQuery] = useState("");
  const [offers, setOffers] = useState(null);
  const kept = [place.value?.(element, block) ?? []].flat().filter(Boolean);
  const ask = async (typed) => {
    setQuery(typed);
    if (typed.length < (element.min_query_length ?? 3)) return setOffers(null);
    const answer = await options(screen.me.alias, { ...place.where, control: address(element, block), query: typed });
    return setOffers(answer.options ?? []);
  };
  const keep = (labels) => {
    const value = isMany ? labels : (labels.at(-1) ?? "");
    place.change?.(element, block, value);
    if (block.type !== "input" || block.dispatch_action) place.press(address(element, block), value);
    setOffers(null);
    setQuery("");
  };
  const shown = (offers ?? []).filter((label) => !kept.includes(label));
  const onBlur = (event) => !event.currentTarget.contains(event.relatedTarget) && setOffers(null);
  return (
    <div className="external" onBlur={onBlur}>
      {kept.map((label) => (
        <button key={label} type="button" className="chip" aria-label={`Remove ${label}`} onClick={() => keep(kept.filter((one) => one !== label))}>{label} ×</button>
      ))}
      <input id={id} className="field" aria-label={id ? undefined : labelOf(element)} aria-describedby={describedBy} autoComplete="off"
        placeholder={element.placeholder?.text ?? "Type to search"} value={query}
        onFocus={() => ask(query)} onChange={(event) => ask(event.target.value)} />
      {offers && (
        <ul className="external-offers">
          {shown.map((label) => <li key={label}><button type="button" onClick={() => keep([...kept, label])}>{label}</button></li>)}
          {!shown.length && <li className="hint">Nothing to choose from</li>}
        </ul>
      )}
    </div>
  );
}

const TYPES = {
  number_input: "number", email_text_input: "email", url_text_input: "url",
  datepicker: "date", timepicker: "time", datetimepicker: "datetime-local",
};

function Field({ element, block, place, id, describedBy, isInvalid }) {
  const kept = place.value?.(element, block) ?? "";
  const isDateTime = element.type === "datetimepicker";
  const change = (event) => {
    const typed = event.target.value;
    const value = isDateTime ? Math.round(new Date(typed).getTime() / 1000) : typed;
    place.change?.(element, block, value);
    if (block.type !== "input" && TYPES[element.type]) place.press(address(element, block), value);
  };
  const shared = {
    id,
    className: "field",
    "aria-label": id ? undefined : labelOf(element),
    "aria-describedby": describedBy,
    "aria-invalid": isInvalid || undefined,
    placeholder: element.placeholder?.text,
    maxLength: element.max_length,
    autoFocus: element.focus_on_load,
    value: isDateTime && kept ? new Date(kept * 1000).toISOString().slice(0, 16) : kept,
    onChange: change,
  };
  if (element.multiline || element.type === "rich_text_input") return <textarea rows={4} {...shared} />;
  return <input type={TYPES[element.type] ?? "text"} step={element.is_decimal_allowed ? "any" : undefined} {...shared} />;
}
