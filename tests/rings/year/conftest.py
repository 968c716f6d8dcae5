"""The house of the workers' tests, with nobody in it yet."""

from tests.workers.conftest import quick_plain_house

__all__ = ["quick_plain_house"]
