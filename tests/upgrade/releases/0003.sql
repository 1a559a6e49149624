-- What a bot of schema 0003 has in hand when it is replaced, beside what the earlier ones had.
-- {{-60}} is the moment a minute ago. Ids at Slack and Origami, such as ts-opening-03 or agent-07, become real ones.

INSERT INTO threads
  (id, workspace_id, channel_id, requester_id, thread_ts, agent_id, muted, created_at)
VALUES
  ('b0000031-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-31', 'agent-31', FALSE, {{-369}});

INSERT INTO runs
  (id, workspace_id, thread_id, requester_id, source, prompt, model, focus_table_ids, follows_id, response_url, state, status, reason, waits_for, due_at, attempts, lease_owner, lease_until, agent_id, origami_run_id, idempotency_key, body, submissions, sent_at, steps_completed, steps_max, stop_requested_by, stop_requested_at, cancelled_at, result, created_at, started_at, answered_at, finished_at, leads_added, attachments, schedule_id, scheduled_for)
VALUES
  ('a0000031-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000031-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-31', NULL, '[]', NULL, NULL, 'finished', 'completed', NULL, NULL, NULL, 0, NULL, NULL, 'agent-31', 'run-31', 'a0000031-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000310000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-31"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, '{"id": "run-31", "status": "completed", "agentId": "agent-31", "prompt": "find 20 SaaS founders in Austin who raised seed, mark-31", "model": "origami-max", "steps": {"completed": 2, "max": 50}, "startedAt": "2026-01-05T09:00:00.000000Z", "completedAt": "2026-01-05T09:02:00.000000Z", "response": {"text": "All done."}, "todo": {"pendingQuestions": []}}', {{-369}}, {{-95}}, {{-90}}, {{-60}}, 3, '[]', NULL, NULL);

INSERT INTO deliveries
  (token, workspace_id, run_id, kind, subject, sequence, channel_id, recipient_id, payload, state, priority, revision, due_at, attempts, uncertain, lease_owner, lease_until, ts, posted_at, sent_at, dropped_reason, created_at)
VALUES
  ('token-opening-31', 'w0000001-0000-4000-8000-000000000000', 'a0000031-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-31', {{-300}}, {{-300}}, NULL, {{-369}}),
  ('token-answer-31', 'w0000001-0000-4000-8000-000000000000', 'a0000031-0000-4000-8000-000000000000', 'answer', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-answer-31', {{-300}}, {{-300}}, NULL, {{-369}});

-- Due since yesterday: one run, however many times were missed.
INSERT INTO schedules
  (id, workspace_id, owner_id, channel_id, prompt, model, weekdays, time_of_day, time_zone, state, paused_reason, next_at, lease_owner, lease_until, created_at)
VALUES
  ('d0000001-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'U0ANAREP001', 'C0LEADS0001', 'find 20 SaaS founders in Austin who raised seed, mark-32', NULL, '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]', '09:00', 'UTC', 'active', NULL, {{-86400}}, NULL, NULL, {{-99999}});

INSERT INTO exports
  (id, workspace_id, run_id, table_id, requester_id, file_format, state, reason, due_at, attempts, lease_owner, lease_until, rows_read, slack_file_id, created_at, finished_at)
VALUES
  ('e0000001-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'a0000031-0000-4000-8000-000000000000', 'table-31', 'U0ANAREP001', 'csv', 'pending', NULL, {{-5}}, 0, NULL, NULL, 0, NULL, {{-10}}, NULL);

INSERT INTO watches
  (run_id, workspace_id, table_id, due_at, attempts, lease_owner, lease_until, "table", rows, credits_before, ended, created_at)
VALUES
  ('a0000031-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'table-31', {{-5}}, 0, NULL, NULL, NULL, NULL, NULL, NULL, {{-10}});
