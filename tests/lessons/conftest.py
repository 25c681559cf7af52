"""The panel of a lesson's tests, made once: by their `PANEL`."""

import pytest


@pytest.fixture(scope="module")
def shared(request):
    return request.module.PANEL()


@pytest.fixture(scope="module")
def at_first(shared):
    return shared.values


@pytest.fixture
def panel(undrawn, shared, at_first):
    """The shared panel, at its start and without a past, for those who ask for its words and its lines alone."""
    shared.set(**at_first)
    return without_a_past(shared)


@pytest.fixture
def painted(shared):
    """The same, with its picture."""
    shared.buttons["reset"].click()
    return without_a_past(shared)


def without_a_past(panel):
    if "clear" in panel.buttons:
        panel.buttons["clear"].click()
    return panel
