"""Drafts that come too late, without end."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.dispatch import drafts, service
from app.dispatch.models import draft_orphan
from app.errors import Conflict
from tests.dispatch.floor import Floor
from tests.dispatch.test_due_process import holds


async def test_a_page_that_never_stops_saving_too_late_fills_no_table(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_ORPHANS", 3)
    ana = await holds(floor)
    held = await floor.open_of(ana)
    ids = {"employee_id": ana, "review_id": held.review_id, "assignment_id": held.id}
    async with floor.db.transaction() as tx:
        await service.release(tx, **ids, reason="-", rules=floor.rules)
        for n in range(3):
            assert (await service.put_draft(tx, **ids, version=0, body={"n": n})).orphan
        with pytest.raises(Conflict):
            await service.put_draft(tx, **ids, version=0, body={})
        assert (await tx.conn.execute(select(func.count()).select_from(draft_orphan))).scalar_one() == 3
