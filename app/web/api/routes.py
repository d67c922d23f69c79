"""The controllers of the JSON API, as the application registers them."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from app.web.api.auth import AuthController
from app.web.api.incident import IncidentController
from app.web.api.matches import ApplicationsController, MatchesController
from app.web.api.metrics import METRICS
from app.web.api.operations import OPERATIONS
from app.web.api.pools import PoolsController
from app.web.api.postings import PostingsController, SourcesController
from app.web.api.push import PushController
from app.web.api.resume_facts import ResumeFactsController
from app.web.api.reviews import ReviewsController
from app.web.api.scales import ScalesController
from app.web.api.seekers import SeekersController
from app.web.api.staff import STAFF
from app.web.api.webhooks import WebhooksController
from app.web.founding_api import FOUNDING

API: list[ControllerRouterHandler] = [
    AuthController,
    SeekersController,
    PushController,
    ResumeFactsController,
    MatchesController,
    ApplicationsController,
    PostingsController,
    SourcesController,
    ReviewsController,
    *STAFF,
    PoolsController,
    WebhooksController,
    IncidentController,
    *OPERATIONS,
    ScalesController,
    *METRICS,
    *FOUNDING,
]
