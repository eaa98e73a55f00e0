-- As in 0001, and an answer may get another text, and feedback on it be given anew.
-- Appends events, which must continue the stream, and writes what they change in the read models and in the
-- timers. Returns how many events were recorded: none for a session that was erased. A version that is taken raises
-- unique_violation, and nothing is written.
CREATE OR REPLACE FUNCTION session.append(p_user uuid, p_session uuid, p_batch jsonb) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    recorded integer;
BEGIN
    PERFORM set_config('parley.user_id', coalesce(p_user::text, ''), true),
            set_config('parley.session_id', p_session::text, true);
    IF EXISTS (SELECT FROM session.tombstones WHERE session_id = p_session) THEN
        RETURN 0;
    END IF;

    INSERT INTO session.events (stream_id, user_id, version, event_id, type, schema_version, causation_id,
                                correlation_id, occurred_at, data)
    SELECT p_session, p_user, e.version, e.event_id, e.type, e.schema_version, e.causation_id, e.correlation_id,
           e.occurred_at, e.data::jsonb
    FROM jsonb_to_recordset(p_batch -> 'events') AS e(version int, event_id uuid, type text, schema_version int,
         causation_id uuid, correlation_id uuid, occurred_at timestamptz, data text);
    GET DIAGNOSTICS recorded = ROW_COUNT;

    -- The configuration and the summary may be large: they are written when they change, and only then.
    UPDATE session.sessions s SET
        version = n.version, status = n.status, ending = n.ending, session_stats = n.session_stats,
        session_config = CASE WHEN p_batch -> 'session' ? 'session_config' THEN n.session_config
                         ELSE s.session_config END,
        final_summary = CASE WHEN p_batch -> 'session' ? 'final_summary' THEN n.final_summary
                        ELSE s.final_summary END,
        report_status = n.report_status, report_version = n.report_version, report_error = n.report_error,
        updated_at = n.updated_at, started_at = n.started_at, paused_at = n.paused_at, ended_at = n.ended_at
    FROM jsonb_populate_record(NULL::session.sessions, p_batch -> 'session') n
    WHERE s.session_id = p_session;
    IF NOT FOUND THEN
        INSERT INTO session.sessions
        SELECT * FROM jsonb_populate_record(NULL::session.sessions, p_batch -> 'session');
    END IF;

    IF p_batch ? 'cleared' THEN
        DELETE FROM session.messages WHERE session_id = p_session;
        DELETE FROM session.feedback WHERE session_id = p_session;
    END IF;
    IF p_batch ? 'messages' THEN
        INSERT INTO session.messages
        SELECT * FROM jsonb_populate_recordset(NULL::session.messages, p_batch -> 'messages');
    END IF;
    IF p_batch ? 'revised' THEN
        UPDATE session.messages m
        SET content = r.content, message_metadata = m.message_metadata || r.message_metadata
        FROM jsonb_to_recordset(p_batch -> 'revised') AS r(turn int, content text, message_metadata jsonb)
        WHERE m.session_id = p_session AND m.turn = r.turn AND m.role = 'user';
    END IF;
    IF p_batch ? 'feedback' THEN
        INSERT INTO session.feedback
        SELECT * FROM jsonb_populate_recordset(NULL::session.feedback, p_batch -> 'feedback')
        ON CONFLICT (session_id, turn) DO UPDATE
        SET score = excluded.score, feedback = excluded.feedback, created_at = excluded.created_at;
    END IF;
    IF p_batch ? 'settled' THEN
        DELETE FROM session.timers d USING jsonb_to_recordset(p_batch -> 'settled') AS gone(kind text, ref text)
        WHERE d.session_id = p_session AND d.kind = gone.kind AND d.ref = gone.ref;
    END IF;
    IF p_batch ? 'awaited' THEN
        INSERT INTO session.timers (session_id, user_id, kind, ref, at, attempt)
        SELECT p_session, p_user, w.kind, w.ref, w.at, 0
        FROM jsonb_to_recordset(p_batch -> 'awaited') AS w(kind text, ref text, at timestamptz)
        ON CONFLICT (session_id, kind, ref) DO UPDATE SET at = excluded.at, attempt = 0;
    END IF;
    RETURN recorded;
END $$;
