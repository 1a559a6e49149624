// A small app on @slack/bolt in Socket Mode. It prints one JSON line for each thing it handled.
import bolt from "@slack/bolt";

const { App, LogLevel } = bolt;
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: LogLevel.WARN,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});
const report = (handled, details = {}) => console.log(JSON.stringify({ handled, ...details }));
const plain = (text) => ({ type: "plain_text", text });

app.command("/origami", async ({ ack, command, client, respond }) => {
  await ack({ text: "on it" });
  report("command", { text: command.text, user: command.user_id });
  await client.chat.postMessage({
    channel: command.channel_id,
    text: `Brief: ${command.text}`,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: "*A brief*" } },
      {
        type: "actions",
        elements: [
          { type: "button", action_id: "go", text: plain("Go"), value: "1" },
          { type: "external_select", action_id: "table", placeholder: plain("Table"), min_query_length: 0 },
        ],
      },
    ],
  });
  await respond({ text: "posted", response_type: "ephemeral" });
});

app.action("go", async ({ ack, body, client }) => {
  await ack();
  report("button", { value: body.actions[0].value, ts: body.message.ts });
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: "modal",
      callback_id: "answer",
      title: plain("Answer"),
      submit: plain("Send"),
      blocks: [
        {
          type: "input",
          block_id: "why",
          label: plain("Why"),
          element: { type: "plain_text_input", action_id: "text" },
        },
      ],
    },
  });
});

app.action("table", async ({ ack, action }) => {
  await ack();
  report("select", { option: action.selected_option.value });
});

app.options("table", async ({ ack, options }) => {
  report("options", { query: options.value });
  await ack({ options: [{ text: plain("Founders"), value: "founders" }] });
});

app.view("answer", async ({ ack, view }) => {
  const text = view.state.values.why.text.value;
  report("submission", { text });
  if (text === "no") await ack({ response_action: "errors", errors: { why: "Say more" } });
  else await ack();
});

app.shortcut("new_run", async ({ ack, shortcut, client }) => {
  await ack();
  report("shortcut", { callback_id: shortcut.callback_id });
  const view = { type: "modal", title: plain("New run"), blocks: [{ type: "divider" }] };
  await client.views.open({ trigger_id: shortcut.trigger_id, view });
});

app.shortcut("use_as_brief", async ({ ack, shortcut }) => {
  await ack();
  report("message_shortcut", { text: shortcut.message.text });
});

app.event("app_mention", async ({ event, say }) => {
  report("app_mention", { ts: event.ts });
  await say({ text: "You called?", thread_ts: event.ts });
});

app.message(async ({ message }) => report("message", { ts: message.ts, channel_type: message.channel_type }));

app.event("app_home_opened", async ({ event, client }) => {
  report("app_home_opened", { tab: event.tab });
  await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "divider" }] } });
});

await app.start();
report("started");
