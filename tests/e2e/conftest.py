"""The shared stack as the command line sees it."""

from typing import TYPE_CHECKING

import pytest

from tests.e2e.visitor import ports

if TYPE_CHECKING:
    from tests.conftest import Stack


@pytest.fixture
def env(stack: "Stack") -> dict[str, str]:
    """The environment with which `sr360` speaks to the shared stack."""
    return stack.env | ports(int(stack.api_url.rsplit(":", 1)[1]))
