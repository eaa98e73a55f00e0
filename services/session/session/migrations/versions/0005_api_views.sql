-- What the documents of the APIs call their tables, read-only, as views over ours. Whoever reads one sees what the policies
-- of the tables beneath let them see: each is a `security_invoker`.

-- Other services have views in these schemas, too, and may be making them just now.
SELECT pg_advisory_xact_lock(hashtext('parley api views'));
CREATE SCHEMA IF NOT EXISTS agent_api;
CREATE SCHEMA IF NOT EXISTS interviews_api;
CREATE SCHEMA IF NOT EXISTS turns_api;
CREATE SCHEMA IF NOT EXISTS resume_api;

ALTER VIEW IF EXISTS session.interview_sessions SET SCHEMA agent_api;

-- The number of a session: the last 53 bits of its id, as the gateway says it.
CREATE OR REPLACE FUNCTION interviews_api.number_of(p_session uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(('x' || right(replace(p_session::text, '-', ''), 16))::bit(64)::bigint & 9007199254740991, 1)
$$;

CREATE OR REPLACE VIEW interviews_api.interviews WITH (security_invoker = true) AS
SELECT
    interviews_api.number_of(session_id) AS id,
    coalesce(nullif(session_config ->> 'title', ''), session_config ->> 'job_role') AS title,
    coalesce(session_config ->> 'job_description', '') AS description,
    session_config ->> 'job_role' AS position,
    coalesce(session_config ->> 'company_name', '') AS company,
    coalesce(session_config ->> 'focus', 'mixed') AS interview_type,
    session_config ->> 'difficulty' AS difficulty,
    (session_config ->> 'target_question_count')::int
        + (NOT coalesce((session_config ->> 'introduction_counts')::boolean, false))::int AS num_questions,
    (session_config ->> 'interview_duration_minutes')::int AS duration_minutes,
    CASE status WHEN 'active' THEN 'in_progress' WHEN 'abandoned' THEN 'cancelled' ELSE status END AS status,
    round(coalesce((final_summary ->> 'overall_score')::numeric, 0) * 100, 1)::double precision AS score,
    final_summary ->> 'summary' AS feedback,
    (session_stats ->> 'answers')::int AS questions_answered,
    user_id,
    session_id,
    created_at,
    updated_at,
    started_at,
    ended_at AS completed_at
FROM session.sessions;

CREATE OR REPLACE VIEW interviews_api.interview_sessions WITH (security_invoker = true) AS
SELECT
    s.session_id AS id,
    interviews_api.number_of(s.session_id) AS interview_id,
    s.user_id,
    CASE s.status WHEN 'active' THEN 'in_progress' WHEN 'abandoned' THEN 'cancelled' ELSE s.status END AS status,
    (SELECT count(*)::int FROM session.messages m
     WHERE m.session_id = s.session_id AND m.response_type IN ('introduction', 'question', 'follow_up'))
        AS current_question,
    jsonb_build_object(
        'config', s.session_config, 'stats', s.session_stats,
        'responses_history', coalesce(
            (SELECT jsonb_agg(jsonb_build_object(
                'response', m.content, 'timestamp', m.created_at,
                'score', round(coalesce(f.score, 0)::numeric * 10, 1), 'feedback', f.feedback ->> 'text') ORDER BY m.seq)
             FROM session.messages m
             LEFT JOIN session.feedback f ON f.session_id = m.session_id AND f.turn = m.turn
             WHERE m.session_id = s.session_id AND m.role = 'user'), '[]')) AS workflow_state,
    s.created_at,
    s.updated_at,
    s.started_at,
    s.ended_at AS completed_at
FROM session.sessions s
WHERE s.started_at IS NOT NULL;

-- A client's own id for an interview is kept by nobody: the session's takes its place.
CREATE OR REPLACE VIEW turns_api.session_states WITH (security_invoker = true) AS
SELECT
    s.session_id::text AS interview_id,
    CASE coalesce((SELECT m.message_metadata ->> 'phase' FROM session.messages m
                   WHERE m.session_id = s.session_id AND m.role = 'assistant' ORDER BY m.seq DESC LIMIT 1), 'intro')
        WHEN 'welcome' THEN 'intro' WHEN 'intro' THEN 'intro' WHEN 'resume' THEN 'experience'
        WHEN 'technical' THEN 'technical' WHEN 'behavioral' THEN 'behavioral' ELSE 'closing' END AS current_phase,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
            'role', CASE m.role WHEN 'assistant' THEN 'interviewer' ELSE 'candidate' END,
            'content', m.content, 'audio_url', NULL, 'timestamp', m.created_at) ORDER BY m.seq)
         FROM session.messages m WHERE m.session_id = s.session_id), '[]') AS conversation_history,
    coalesce(
        (SELECT array_agg(topic ORDER BY first) FROM
            (SELECT q.message_metadata ->> 'domain' AS topic, min(q.seq) AS first
             FROM session.messages q
             JOIN session.messages a ON a.session_id = q.session_id AND a.turn = q.turn AND a.role = 'user'
             WHERE q.session_id = s.session_id AND q.role = 'assistant' AND q.message_metadata ->> 'domain' IS NOT NULL
             GROUP BY 1) AS topics), '{}') AS topics_covered,
    coalesce(
        (SELECT array_agg(coalesce(nullif(quote ->> 'shows', '') || ': ', '') || '“' || (quote ->> 'text') || '”'
                          ORDER BY f.turn, place)
         FROM session.feedback f, jsonb_array_elements(f.feedback -> 'quotes') WITH ORDINALITY AS q(quote, place)
         WHERE f.session_id = s.session_id), '{}')
        || coalesce((SELECT array_agg(line) FROM jsonb_array_elements_text(s.final_summary -> 'insights') AS line), '{}')
        AS insights,
    (s.session_stats ->> 'questions_asked')::int AS questions_asked,
    coalesce(s.started_at, s.created_at) AS started_at,
    s.updated_at AS last_updated
FROM session.sessions s;

CREATE OR REPLACE VIEW resume_api.interview_sessions WITH (security_invoker = true) AS
SELECT
    s.session_id::text AS session_id,
    s.user_id::text AS user_id,
    s.session_config ->> 'resume_id' AS resume_id,
    s.session_config ->> 'job_role' AS job_role,
    CASE WHEN s.status IN ('completed', 'abandoned', 'cancelled') THEN 'completed'
         ELSE CASE coalesce((SELECT m.message_metadata ->> 'phase' FROM session.messages m
                             WHERE m.session_id = s.session_id AND m.role = 'assistant'
                             ORDER BY m.seq DESC LIMIT 1), 'welcome')
              WHEN 'welcome' THEN 'welcome' WHEN 'intro' THEN 'intro' WHEN 'resume' THEN 'resume_discussion'
              WHEN 'closing' THEN 'completed' ELSE 'technical_deep_dive' END
    END AS current_round,
    CASE s.status WHEN 'paused' THEN 'paused' WHEN 'created' THEN 'active' WHEN 'active' THEN 'active'
         ELSE 'completed' END AS status,
    (SELECT count(*)::int FROM session.messages m
     WHERE m.session_id = s.session_id AND m.response_type IN ('question', 'follow_up')
       AND m.message_metadata ->> 'phase' = 'technical') AS technical_questions_count,
    (SELECT count(*)::int FROM session.messages m
     WHERE m.session_id = s.session_id AND m.response_type IN ('question', 'follow_up')
       AND m.message_metadata ->> 'phase' = 'behavioral') AS behavioral_questions_count,
    jsonb_build_object('config', s.session_config, 'stats', s.session_stats, 'report', s.final_summary)
        AS workflow_state,
    s.created_at
FROM session.sessions s;

CREATE OR REPLACE VIEW resume_api.messages WITH (security_invoker = true) AS
SELECT
    m.event_id::text AS message_id,
    m.session_id::text AS session_id,
    m.role,
    m.content,
    CASE WHEN f.turn IS NULL THEN m.message_metadata
         ELSE m.message_metadata || jsonb_build_object('score', coalesce(f.score, 0), 'feedback', f.feedback) END
        AS message_metadata,
    m.created_at
FROM session.messages m
LEFT JOIN session.feedback f ON f.session_id = m.session_id AND f.turn = m.turn AND m.role = 'user';

GRANT USAGE ON SCHEMA agent_api, interviews_api, turns_api, resume_api TO parley_session, parley_session_sweeper;
GRANT SELECT ON agent_api.interview_sessions, interviews_api.interviews, interviews_api.interview_sessions,
    turns_api.session_states, resume_api.interview_sessions, resume_api.messages TO parley_session, parley_session_sweeper;
