"""What the routes work with."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from api.health import HealthCheck
from api.items import Items
from api.running_image import RunningImage
from api.search import Search
from api.settings import ApiSettings
from student_helper.parameters import Parameters


@dataclass(frozen=True)
class Services:
    """Made once for each function container, by the handler."""

    settings: ApiSettings
    parameters: Parameters
    health: HealthCheck
    image: RunningImage
    items: Items
    search: Search


def services(request: Request) -> Services:
    """The services of the app that a request came to."""
    return cast("Services", request.app.state.services)
