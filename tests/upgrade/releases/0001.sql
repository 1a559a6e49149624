-- What a bot of schema 0001 has in hand when it is replaced.
-- {{-60}} is the moment a minute ago. Ids at Slack and Origami, such as ts-opening-03 or agent-07, become real ones.

INSERT INTO workspaces
  (id, team_id, enterprise_id, sealed_key, key_refused_at, settings, created_at)
VALUES
  ('w0000001-0000-4000-8000-000000000000', 'T0NORTHWND1', '', NULL, NULL, '{}', {{-5000}});

-- accepted: 01 not posted, 02 posted by a process that died then. submitting: 03 not sent, 04 sent and begun, 05 sent
-- in vain. queued: 06 for a slot, 13 for its thread. running: 07, 08 while its process died, 09 to be stopped.
-- finished: 10 with an open question, 11 with its answer to be posted, 12 with its answer posted as in 02.
INSERT INTO threads
  (id, workspace_id, channel_id, requester_id, thread_ts, agent_id, muted, created_at)
VALUES
  ('b0000001-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', NULL, NULL, FALSE, {{-399}}),
  ('b0000002-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', NULL, NULL, FALSE, {{-398}}),
  ('b0000003-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-03', NULL, FALSE, {{-397}}),
  ('b0000004-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-04', NULL, FALSE, {{-396}}),
  ('b0000005-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-05', NULL, FALSE, {{-395}}),
  ('b0000006-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-06', NULL, FALSE, {{-394}}),
  ('b0000007-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-07', 'agent-07', FALSE, {{-393}}),
  ('b0000008-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-08', 'agent-08', FALSE, {{-392}}),
  ('b0000009-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-09', 'agent-09', FALSE, {{-391}}),
  ('b0000010-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-10', 'agent-10', FALSE, {{-390}}),
  ('b0000011-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-11', 'agent-11', FALSE, {{-389}}),
  ('b0000012-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'C0LEADS0001', 'U0ANAREP001', 'ts-opening-12', 'agent-12', FALSE, {{-388}});

INSERT INTO runs
  (id, workspace_id, thread_id, requester_id, source, prompt, model, focus_table_ids, follows_id, response_url, state, status, reason, waits_for, due_at, attempts, lease_owner, lease_until, agent_id, origami_run_id, idempotency_key, body, submissions, sent_at, steps_completed, steps_max, stop_requested_by, stop_requested_at, cancelled_at, result, created_at, started_at, answered_at, finished_at)
VALUES
  ('a0000001-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000001-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-01', NULL, '[]', NULL, NULL, 'accepted', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, 0, NULL, NULL, NULL, NULL, {{-399}}, NULL, NULL, NULL),
  ('a0000002-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000002-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-02', NULL, '[]', NULL, NULL, 'accepted', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, 0, NULL, NULL, NULL, NULL, {{-398}}, NULL, NULL, NULL),
  ('a0000003-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000003-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-03', NULL, '[]', NULL, NULL, 'submitting', NULL, NULL, NULL, {{-10}}, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, 0, NULL, NULL, NULL, NULL, {{-397}}, NULL, NULL, NULL),
  ('a0000004-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000004-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-04', NULL, '[]', NULL, NULL, 'submitting', NULL, NULL, NULL, {{-10}}, 0, 'a-process-that-is-gone', {{-30}}, NULL, NULL, 'a0000004-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000040000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-04"}', 1, {{-100}}, 0, 0, NULL, NULL, NULL, NULL, {{-396}}, NULL, NULL, NULL),
  ('a0000005-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000005-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-05', NULL, '[]', NULL, NULL, 'submitting', NULL, NULL, NULL, {{-10}}, 2, NULL, NULL, NULL, NULL, 'a0000005-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000050000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-05"}', 1, {{-100}}, 0, 0, NULL, NULL, NULL, NULL, {{-395}}, NULL, NULL, NULL),
  ('a0000006-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000006-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-06', NULL, '[]', NULL, NULL, 'queued', NULL, '{"code": "NO_FREE_SLOT", "holders": [], "limit": 1, "retry_after": 30, "can_upgrade": true}', 'NO_FREE_SLOT', {{-10}}, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, 0, 0, NULL, NULL, NULL, NULL, {{-394}}, NULL, NULL, NULL),
  ('a0000007-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000007-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-07', NULL, '[]', NULL, NULL, 'running', NULL, NULL, NULL, {{-5}}, 0, NULL, NULL, 'agent-07', 'run-07', 'a0000007-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000070000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-07"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, NULL, {{-393}}, {{-95}}, {{-90}}, NULL),
  ('a0000008-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000008-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-08', NULL, '[]', NULL, NULL, 'running', NULL, NULL, NULL, {{-40}}, 0, 'a-process-that-is-gone', {{-30}}, 'agent-08', 'run-08', 'a0000008-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000080000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-08"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, NULL, {{-392}}, {{-95}}, {{-90}}, NULL),
  ('a0000009-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000009-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-09 [forever]', NULL, '[]', NULL, NULL, 'running', NULL, NULL, NULL, {{-5}}, 0, NULL, NULL, 'agent-09', 'run-09', 'a0000009-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000090000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-09 [forever]"}', 1, {{-100}}, 0, 50, 'U0ANAREP001', {{-6}}, NULL, NULL, {{-391}}, {{-95}}, {{-90}}, NULL),
  ('a0000010-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000010-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-10', NULL, '[]', NULL, NULL, 'finished', 'needs_input', NULL, NULL, NULL, 0, NULL, NULL, 'agent-10', 'run-10', 'a0000010-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000100000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-10"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, '{"id": "run-10", "status": "needs_input", "agentId": "agent-10", "prompt": "find 20 SaaS founders in Austin who raised seed, mark-10", "model": "origami-max", "steps": {"completed": 2, "max": 50}, "startedAt": "2026-01-05T09:00:00.000000Z", "completedAt": "2026-01-05T09:02:00.000000Z", "response": {"text": "One thing before I start."}, "todo": {"pendingQuestions": [{"question": "Private practices only?", "type": "single-choice", "suggestedAnswers": ["Private only", "Public and private"], "freeformOption": "Or something else"}]}}', {{-390}}, {{-95}}, {{-90}}, {{-60}}),
  ('a0000011-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000011-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-11', NULL, '[]', NULL, NULL, 'finished', 'completed', NULL, NULL, NULL, 0, NULL, NULL, 'agent-11', 'run-11', 'a0000011-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000110000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-11"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, '{"id": "run-11", "status": "completed", "agentId": "agent-11", "prompt": "find 20 SaaS founders in Austin who raised seed, mark-11", "model": "origami-max", "steps": {"completed": 2, "max": 50}, "startedAt": "2026-01-05T09:00:00.000000Z", "completedAt": "2026-01-05T09:02:00.000000Z", "response": {"text": "All done."}, "todo": {"pendingQuestions": []}}', {{-389}}, {{-95}}, {{-90}}, {{-20}}),
  ('a0000012-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000012-0000-4000-8000-000000000000', 'U0ANAREP001', 'command', 'find 20 SaaS founders in Austin who raised seed, mark-12', NULL, '[]', NULL, NULL, 'finished', 'completed', NULL, NULL, NULL, 0, NULL, NULL, 'agent-12', 'run-12', 'a0000012-0000-4000-8000-000000000000-1', '{"name":"find 20 SaaS founders in Austin  · a00000120000","prompt":"find 20 SaaS founders in Austin who raised seed, mark-12"}', 1, {{-100}}, 0, 50, NULL, NULL, NULL, '{"id": "run-12", "status": "completed", "agentId": "agent-12", "prompt": "find 20 SaaS founders in Austin who raised seed, mark-12", "model": "origami-max", "steps": {"completed": 2, "max": 50}, "startedAt": "2026-01-05T09:00:00.000000Z", "completedAt": "2026-01-05T09:02:00.000000Z", "response": {"text": "All done."}, "todo": {"pendingQuestions": []}}', {{-388}}, {{-95}}, {{-90}}, {{-60}}),
  ('a0000013-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'b0000007-0000-4000-8000-000000000000', 'U0ANAREP001', 'reply', 'find 20 SaaS founders in Austin who raised seed, mark-13', NULL, '[]', NULL, NULL, 'queued', NULL, '{"code": "THREAD_BUSY"}', 'THREAD_BUSY', {{-10}}, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 0, 0, NULL, NULL, NULL, NULL, {{-387}}, NULL, NULL, NULL);

INSERT INTO choices
  (id, workspace_id, run_id, kind, question_index, position, label, action_type, table_slug, state, chosen_by, chosen_at)
VALUES
  ('c0000000-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'a0000010-0000-4000-8000-000000000000', 'answer', 0, 0, 'Private only', NULL, NULL, 'open', NULL, NULL),
  ('c0000001-0000-4000-8000-000000000000', 'w0000001-0000-4000-8000-000000000000', 'a0000010-0000-4000-8000-000000000000', 'answer', 0, 1, 'Public and private', NULL, NULL, 'open', NULL, NULL);

INSERT INTO deliveries
  (token, workspace_id, run_id, kind, subject, sequence, channel_id, recipient_id, payload, state, priority, revision, due_at, attempts, uncertain, lease_owner, lease_until, ts, posted_at, sent_at, dropped_reason, created_at)
VALUES
  ('token-opening-01', 'w0000001-0000-4000-8000-000000000000', 'a0000001-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'pending', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, {{-399}}),
  ('token-opening-02', 'w0000001-0000-4000-8000-000000000000', 'a0000002-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sending', 0, 1, {{-50}}, 0, FALSE, 'a-process-that-is-gone', {{-30}}, NULL, NULL, NULL, NULL, {{-398}}),
  ('token-opening-03', 'w0000001-0000-4000-8000-000000000000', 'a0000003-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-03', {{-300}}, {{-300}}, NULL, {{-397}}),
  ('token-opening-04', 'w0000001-0000-4000-8000-000000000000', 'a0000004-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-04', {{-300}}, {{-300}}, NULL, {{-396}}),
  ('token-opening-05', 'w0000001-0000-4000-8000-000000000000', 'a0000005-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-05', {{-300}}, {{-300}}, NULL, {{-395}}),
  ('token-opening-06', 'w0000001-0000-4000-8000-000000000000', 'a0000006-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-06', {{-300}}, {{-300}}, NULL, {{-394}}),
  ('token-opening-07', 'w0000001-0000-4000-8000-000000000000', 'a0000007-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-07', {{-300}}, {{-300}}, NULL, {{-393}}),
  ('token-opening-08', 'w0000001-0000-4000-8000-000000000000', 'a0000008-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-08', {{-300}}, {{-300}}, NULL, {{-392}}),
  ('token-opening-09', 'w0000001-0000-4000-8000-000000000000', 'a0000009-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-09', {{-300}}, {{-300}}, NULL, {{-391}}),
  ('token-opening-10', 'w0000001-0000-4000-8000-000000000000', 'a0000010-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-10', {{-300}}, {{-300}}, NULL, {{-390}}),
  ('token-opening-11', 'w0000001-0000-4000-8000-000000000000', 'a0000011-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-11', {{-300}}, {{-300}}, NULL, {{-389}}),
  ('token-opening-12', 'w0000001-0000-4000-8000-000000000000', 'a0000012-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-12', {{-300}}, {{-300}}, NULL, {{-388}}),
  ('token-opening-13', 'w0000001-0000-4000-8000-000000000000', 'a0000013-0000-4000-8000-000000000000', 'opening', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-opening-13', {{-300}}, {{-300}}, NULL, {{-387}}),
  ('token-answer-10', 'w0000001-0000-4000-8000-000000000000', 'a0000010-0000-4000-8000-000000000000', 'answer', '', 0, 'C0LEADS0001', NULL, '{}', 'sent', 0, 1, {{-50}}, 0, FALSE, NULL, NULL, 'ts-answer-10', {{-300}}, {{-300}}, NULL, {{-390}}),
  ('token-answer-11', 'w0000001-0000-4000-8000-000000000000', 'a0000011-0000-4000-8000-000000000000', 'answer', '', 0, 'C0LEADS0001', NULL, '{}', 'pending', 0, 1, {{-50}}, 1, FALSE, NULL, NULL, NULL, NULL, NULL, NULL, {{-389}}),
  ('token-answer-12', 'w0000001-0000-4000-8000-000000000000', 'a0000012-0000-4000-8000-000000000000', 'answer', '', 0, 'C0LEADS0001', NULL, '{}', 'sending', 0, 1, {{-50}}, 0, FALSE, 'a-process-that-is-gone', {{-30}}, NULL, NULL, NULL, NULL, {{-388}});

INSERT INTO inbox
  (key, expires_at)
VALUES
  ('command:1', {{3000}});

INSERT INTO budgets
  (name, spent)
VALUES
  ('slack-updates:w0000001-0000-4000-8000-000000000000', '[1, 1]');

INSERT INTO audit
  (workspace_id, actor_id, action, run_id, details, at)
VALUES
  ('w0000001-0000-4000-8000-000000000000', 'U0ANAREP001', 'stop', 'a0000009-0000-4000-8000-000000000000', '{}', {{-6}});
