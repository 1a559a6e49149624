// Block Kit: slack-blocks-to-jsx draws what is only looked at; what it lacks or gets wrong is drawn here.
import { Message as Drawn } from "slack-blocks-to-jsx";
import { Element } from "./Elements.jsx";
import { DataTable } from "./DataTable.jsx";
import { Icon } from "./Icons.jsx";
import { Link } from "./Link.jsx";
import { useScreen } from "./screen.js";

/** The names and links that the drawing package asks for. */
function useDrawing() {
  const screen = useScreen();
  const people = Object.values(screen.people);
  return {
    data: {
      users: people.map((person) => ({ id: person.id, name: person.real_name })),
      channels: screen.channels.map((channel) => ({ id: channel.id, name: channel.name })),
    },
    hooks: {
      user: ({ id, name }) => (
        <span className={`mention ${id === screen.me.id ? "mention-me" : ""}`}>@{screen.people[id]?.real_name ?? name}</span>
      ),
      link: ({ href, children }) => <Link href={href}>{children}</Link>,
    },
  };
}

function Draw({ blocks }) {
  const drawing = useDrawing();
  const theme = document.documentElement.dataset.theme;
  // Its block ids would become ids of the page, and the same message may stand here and in the thread.
  const nameless = blocks.map(({ block_id: _, ...block }) => block);
  return <Drawn blocks={nameless} name="" logo="" theme={theme} withoutWrapper {...drawing} />;
}

// The drawing package unescapes before it looks for markup, so that an escaped <!channel> would look like a
// live one, and it knows Markdown's [links](…), which are just text in Slack. An invisible word joiner keeps
// both what they are.
const literally = (mrkdwn) => mrkdwn.replaceAll("&lt;", "&lt;\u2060").replaceAll("](", "]\u2060(");

/** Text of a text object; plain_text stays as it is. */
export function Text({ text }) {
  if (!text) return null;
  if (text.type === "plain_text") return <span className="plain">{text.text}</span>;
  return <Draw blocks={[{ type: "section", text: { type: "mrkdwn", text: literally(text.text) } }]} />;
}

function Section({ block, place }) {
  return (
    <div className="section">
      <div className="section-text">
        <Text text={block.text} />
        {block.fields && (
          <div className="fields">
            {block.fields.map((field, index) => (
              <div key={index}>
                <Text text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {block.accessory && (
        <div className="accessory">
          <Held element={block.accessory} block={block} place={place} />
        </div>
      )}
    </div>
  );
}

function Held({ element, block, place }) {
  if (element.type === "image") return <Picture image={element} />;
  return <Element element={element} block={block} place={place} />;
}

// Nothing is fetched from outside, so a picture from there is its description.
function Picture({ image }) {
  if (image.slack_file?.id) {
    return <img className="uploaded" src={`/sandbox/pictures/${encodeURIComponent(image.slack_file.id)}`} alt={image.alt_text} />;
  }
  return (
    <span className="picture" role="img" aria-label={image.alt_text}>
      <Icon name="file" /> {image.alt_text}
    </span>
  );
}

function Actions({ block, place }) {
  return (
    <div className="actions">
      {block.elements.map((element, index) => (
        <Element key={element.action_id ?? index} element={element} block={block} place={place} />
      ))}
    </div>
  );
}

function Context({ block }) {
  return (
    <div className="context">
      {block.elements.map((element, index) =>
        element.type === "image" ? <Picture key={index} image={element} /> : <Text key={index} text={element} />,
      )}
    </div>
  );
}

function Input({ block, place }) {
  const id = `${block.block_id}-field`;
  const error = place.errors?.[block.block_id];
  return (
    <div className="input">
      <label htmlFor={id}>
        {block.label.text} {block.optional && <span className="optional">(optional)</span>}
      </label>
      <Element element={block.element} block={block} place={place} id={id} describedBy={`${id}-hint`} isInvalid={!!error} />
      <div id={`${id}-hint`}>
        {error && <p className="field-error" role="alert">{error}</p>}
        {block.hint && <p className="hint">{block.hint.text}</p>}
      </div>
    </div>
  );
}

const OURS = {
  section: Section,
  actions: Actions,
  context_actions: Actions,
  context: Context,
  input: Input,
  header: ({ block }) => <h3 className="block-header">{block.text.text}</h3>,
  divider: () => <hr />,
  data_table: DataTable,
  table: DataTable,
  image: ({ block }) => <Picture image={block} />,
  video: ({ block }) => <Picture image={{ alt_text: block.alt_text ?? block.title?.text }} />,
};

const DRAWN = new Set([
  "rich_text", "markdown", "task_card", "plan", "card", "carousel", "alert", "file", "container", "data_visualization",
]);

/** All blocks of a place: a message, a modal or the Home tab. */
export function Blocks({ blocks, place }) {
  return (
    <div className="blocks">
      {blocks.map((block, index) => {
        const Ours = OURS[block.type];
        // An update of a message names its blocks anew: a button that is being pressed must outlive it.
        const key = place.where.ts ? index : block.block_id ?? index;
        if (Ours) return <Ours key={key} block={block} place={place} />;
        if (DRAWN.has(block.type)) return <Draw key={key} blocks={[block]} />;
        return <p key={key} className="hint">A block of type {block.type}, which this page cannot draw.</p>;
      })}
    </div>
  );
}
