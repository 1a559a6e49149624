-- What a bot of schema 0002 has in hand when it is replaced, beside what 0001 had.
-- {{-60}} is the moment a minute ago. Ids at Slack and Origami, such as ts-opening-03 or agent-07, become real ones.

INSERT INTO threads
  (id, workspace_id, channel_id, requester_id, thread_ts, agent_id, muted, created_at)
VALUES
  ('b0000021-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-21', 'agent-21', FALSE, {{-379}});

INSERT INTO runs
  (id, workspace_id, thread_id, requester_id, source, prompt, model, focus_table_ids, follows_id, response_url, state, status, reason, waits_for, due_at, attempts, lease_owner, lease_until, agent_id, origami_run_id, idempotency_key, body, submissions, sent_at, steps_completed, steps_max, stop_requested_by, stop_requested_at, cancelled_at, result, created_at, started_at, answered_at, finished_at, source_ts, reminded_at, leads_added)
VALUES
  ('a0000021-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000021-0000-4000-8000-000000000000', 'U0ANAREP001', 'mention', 'find 20 SaaS founders in Austin who raised seed, mark-21', NULL, '[]', NULL, NULL, 'running', NULL, NULL, NULL, {{-5}}, 0, NULL, NULL, 'agent-21', 'run-21', 'a0000021-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000210000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-21"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, NULL, {{-379}}, {{-95}}, {{-90}}, NULL, NULL, NULL, 0);

INSERT INTO deliveries
  (token, workspace_id, run_id, kind, subject, sequence, channel_id, recipient_id, payload, state, priority, revision, due_at, attempts, uncertain, lease_owner, lease_until, ts, posted_at, sent_at, dropped_reason, created_at)
VALUES
  ('token-opening-21', 'w0000001-0000-4000-8000-000000000000', 'a0000021-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-21', {{-300}}, {{-300}}, NULL, {{-379}});

INSERT INTO preferences
  (workspace_id, scope, subject_id, "values")
VALUES
  ('w0000001-0000-4000-8000-000000000000', 'workspace', '', '{"who_may_stop": "anyone"}');

INSERT INTO feedback
  (run_id, user_id, workspace_id, verdict, at)
VALUES
  ('a0000011-0000-4000-8000-000000000000', 'U0ANAREP001', 'w0000001-0000-4000-8000-000000000000', 'good', {{-15}});
