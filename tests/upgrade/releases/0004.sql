-- What a bot of schema 0004 has in hand when it is replaced, beside what the earlier ones had.
-- {{-60}} is the moment a minute ago. Ids at Slack and Origami, such as ts-opening-03 or agent-07, become real ones.

INSERT INTO workspaces
  (id, team_id, enterprise_id, sealed_key, key_refused_at, left_at, settings, created_at)
VALUES
  ('w0000002-0000-4000-8000-000000000000', 'T0CONTOSO01', '', NULL, NULL, {{-3600}}, '{}', {{-9000}});

INSERT INTO slack_bots
  (client_id, app_id, enterprise_id, team_id, team_name, bot_token, bot_id, bot_user_id, bot_scopes, is_enterprise_install, installed_at)
VALUES
  ('1.2', 'A0ORIGAMI01', NULL, 'T0CONTOSO01', 'Contoso', 'sealed', 'B0BOT', 'U0BOT', 'chat:write', FALSE, '2026-01-05 09:00:00');
