"""The controllers of the pages, as the application registers them."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from app.web.pages.board import BoardController
from app.web.pages.board_people import BoardPeople
from app.web.pages.board_reviews import BoardReviews
from app.web.pages.desk import DeskController
from app.web.pages.desk_draft import DraftController
from app.web.pages.desk_history import HistoryController
from app.web.pages.desk_review import ReviewController
from app.web.pages.incident import IncidentPage, banner
from app.web.pages.kpis import KpisController
from app.web.pages.operations import OperationsPage
from app.web.pages.pools import PoolsPage
from app.web.pages.portal import PortalController, dashboard
from app.web.pages.portal_batches import BatchesController
from app.web.pages.portal_device import DeviceController
from app.web.pages.portal_facts import FactsController
from app.web.pages.portal_matches import MatchesController
from app.web.pages.portal_news import NewsController
from app.web.pages.portal_profile import ProfileController
from app.web.pages.portal_scores import ScoresController
from app.web.pages.portal_start import StartController
from app.web.pages.scales import ScalesPage
from app.web.pages.sign import SignController
from app.web.pages.violations import Violations

PAGES: list[ControllerRouterHandler] = [
    SignController,
    PortalController,
    dashboard,
    MatchesController,
    StartController,
    NewsController,
    DeviceController,
    BatchesController,
    ProfileController,
    ScoresController,
    FactsController,
    DeskController,
    HistoryController,
    DraftController,
    ReviewController,
    BoardController,
    BoardReviews,
    BoardPeople,
    Violations,
    IncidentPage,
    banner,
    PoolsPage,
    KpisController,
    OperationsPage,
    ScalesPage,
]
