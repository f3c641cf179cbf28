"""What tests of telling share."""

from __future__ import annotations

import pytest

from tests.telling.post import Certificate, certificate


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of localhost that no system knows."""
    return certificate(tmp_path_factory.mktemp("certificate"))
