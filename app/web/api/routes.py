"""The controllers of the JSON API, as the application registers them."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from app.web.api.auth import AuthController
from app.web.api.postings import PostingsController, SourcesController
from app.web.api.seekers import SeekersController

API: list[ControllerRouterHandler] = [AuthController, SeekersController, PostingsController, SourcesController]
