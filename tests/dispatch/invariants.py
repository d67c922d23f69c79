"""What must hold of dispatch's rows at every moment, as statements that find whoever breaks it."""

from __future__ import annotations

from typing import Final

# When a strike's assignment ended: at its deadline, or when it was let go.
_ENDED = "CASE WHEN a.closed_reason = 'missed' THEN a.deadline_at ELSE a.closed_at END"
_STRUCK = "strike s JOIN assignment a ON a.id = s.assignment_id"

BROKEN: Final[dict[str, str]] = {
    "two open assignments of a review": """SELECT review_id AS id FROM assignment WHERE state = 'open'
        GROUP BY review_id HAVING count(*) > 1""",
    "the counter of what is held is wrong": """SELECT user_id AS id FROM employee WHERE active <>
        (SELECT count(*) FROM assignment a WHERE a.employee_id = user_id AND a.state = 'open')""",
    "somebody is above capacity": "SELECT user_id AS id FROM employee WHERE active > capacity + overrides",
    "an override outlives its need": """SELECT user_id AS id FROM employee
        WHERE overrides > greatest(0, active - capacity)""",
    "assigned and held do not agree": """SELECT id FROM review r WHERE (state = 'assigned') <>
        EXISTS (SELECT 1 FROM assignment a WHERE a.review_id = r.id AND a.state = 'open')""",
    "completed by nobody": """SELECT id FROM review r WHERE state = 'completed' AND
        NOT EXISTS (SELECT 1 FROM assignment a WHERE a.review_id = r.id AND a.state = 'completed')""",
    "completed twice": """SELECT review_id AS id FROM assignment
        WHERE state = 'completed' AND closed_reason <> 'ask_seeker' GROUP BY review_id HAVING count(*) > 1""",
    "a locked person holds something": """SELECT user_id AS id FROM employee JOIN app_user u ON u.id = user_id
        WHERE u.locked_at IS NOT NULL AND active > 0""",
    "two strikes of an assignment": """SELECT assignment_id AS id FROM strike
        GROUP BY assignment_id HAVING count(*) > 1""",
    "a strike for what never arrived": f"SELECT s.id FROM {_STRUCK} WHERE a.delivered_at IS NULL",
    "a strike for what was not missed": f"SELECT s.id FROM {_STRUCK} WHERE a.state <> 'missed'",
    "a strike before its time": f"""SELECT s.id FROM {_STRUCK} WHERE a.closed_at <
        CASE WHEN a.closed_reason = 'missed' THEN a.deadline_at ELSE a.warn_at END""",
    "a strike over our outage": f"""SELECT s.id FROM {_STRUCK} JOIN review r ON r.id = a.review_id
        JOIN pool p ON p.id = r.pool_id JOIN outage o ON o.group_id = p.group_id
        WHERE s.voided_at IS NULL AND o.started_at <= {_ENDED} AND (o.ended_at IS NULL OR o.ended_at > {_ENDED})""",
    "a strike over an outage that was theirs alone": f"""SELECT s.id FROM {_STRUCK}
        JOIN own_outage o ON o.employee_id = a.employee_id WHERE s.voided_at IS NULL AND a.closed_reason = 'missed'
        AND o.started_at <= a.deadline_at AND (o.ended_at IS NULL OR o.ended_at > a.deadline_at)""",
    "a third person struck for one review": f"""SELECT a.review_id AS id FROM {_STRUCK}
        GROUP BY a.review_id HAVING count(DISTINCT a.employee_id) > 2""",
    "given back to who had missed it": """SELECT b.id FROM assignment a JOIN assignment b
        ON b.review_id = a.review_id AND b.employee_id = a.employee_id AND b.assigned_at > a.closed_at
        WHERE a.state = 'missed' AND b.why ->> 'by' IS NULL""",
}
EVERYTHING: Final = " UNION ALL ".join(
    f"SELECT '{name}' AS what, found.id::text FROM ({statement}) AS found" for name, statement in BROKEN.items()
)
