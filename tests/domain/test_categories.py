"""Which category a type of document is in."""

import pytest

from backend.domain.categories import Category, category_of, read_categories
from backend.domain.documents import LABELS
from backend.domain.errors import Refused


def test_a_type_is_in_one_category_and_an_unknown_one_among_the_others() -> None:
    assert category_of("11502-2") is Category.BIOLOGY
    assert category_of("PRESC-BIO") is Category.PRESCRIPTION
    assert category_of("not-in-the-table") is Category.OTHER
    assert set(LABELS) == set(Category)


def test_a_form_names_categories() -> None:
    assert read_categories([]) == frozenset()
    assert read_categories(["biologie", "autre"]) == {Category.BIOLOGY, Category.OTHER}
    with pytest.raises(Refused):
        read_categories(["tout"])
