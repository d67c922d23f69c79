"""The controllers of the pages, as the application registers them."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from app.web.pages.portal_profile import ProfileController
from app.web.pages.sign import SignController

PAGES: list[ControllerRouterHandler] = [SignController, ProfileController]
