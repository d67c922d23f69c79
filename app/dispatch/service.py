"""What one can do to dispatch: the one place that other rooms know. Every verb runs in the caller's transaction."""

from app.dispatch.appeals import NoSuchStrike, appeal, uphold, void, void_interval
from app.dispatch.drafts import get_draft, put_draft
from app.dispatch.from_applications import application_moved, file_for_application
from app.dispatch.people import (
    AccountLocked,
    NoSuchEmployee,
    add_employee,
    change_employee,
    drain,
    enroll,
    lock,
    message,
    set_availability,
    unlock,
)
from app.dispatch.pools import add_pool, change_pool, list_pools, pause_pool
from app.dispatch.reviews import (
    ack,
    cancel,
    complete,
    decline,
    escalate,
    fence,
    file_review,
    release,
    seen,
    snooze,
)
from app.dispatch.rules import rules_of
from app.dispatch.store.defaults import ensure as ensure_defaults
from app.dispatch.store.turns import Stamp, database_time, stamp
from app.dispatch.supervision import assign, requeue, revoke, set_priority, transfer
from app.dispatch.types import LostAssignment, NoSuchReview
from app.dispatch.views import (
    board,
    history_of,
    list_employees,
    list_reviews,
    my_figures,
    review_view,
    reviews_of,
    seat_of,
    strikes_of,
)

__all__ = [
    "AccountLocked",
    "LostAssignment",
    "NoSuchEmployee",
    "NoSuchReview",
    "NoSuchStrike",
    "Stamp",
    "ack",
    "add_employee",
    "add_pool",
    "appeal",
    "application_moved",
    "assign",
    "board",
    "cancel",
    "change_employee",
    "change_pool",
    "complete",
    "database_time",
    "decline",
    "drain",
    "enroll",
    "ensure_defaults",
    "escalate",
    "fence",
    "file_for_application",
    "file_review",
    "get_draft",
    "history_of",
    "list_employees",
    "list_pools",
    "list_reviews",
    "lock",
    "message",
    "my_figures",
    "pause_pool",
    "put_draft",
    "release",
    "requeue",
    "review_view",
    "reviews_of",
    "revoke",
    "rules_of",
    "seat_of",
    "seen",
    "set_availability",
    "set_priority",
    "snooze",
    "stamp",
    "strikes_of",
    "transfer",
    "unlock",
    "uphold",
    "void",
    "void_interval",
]
