"""A rebuild in a terminal that lacks the installation's own catalogue takes nothing off the site."""

import pytest
from django.db import connection
from tests.databases import Place
from tests.integration.commands import chengxin
from tests.integration.paper import REGISTER, SOURCE, penalty, write_csv

from chengxin.catalogue.loader import load
from chengxin.operations import demo_city, sources
from chengxin.operations.submit import submit


@pytest.fixture(scope="module")
def filled(database: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A register and two penalties, recorded under the catalogue of the example city."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("sent")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "CATALOGUE_OVERLAYS", [demo_city.OVERLAY])
        sources.ensure("operator")
        sources.ensure(SOURCE)
        submit(path=write_csv(folder / "register.csv", REGISTER), item="djxx", source="operator")
        submit(path=write_csv(folder / "penalties.csv", [penalty(1), penalty(2)]), item="xzcf", source=SOURCE)


def recorded() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, item, subject, starts, ends, latest FROM record ORDER BY seq")
        return cursor.fetchall()


def test_under_another_catalogue_nothing_is_rebuilt_and_both_are_named(filled: None, settings) -> None:
    before = recorded()
    refused = chengxin("rebuild", "--json")
    assert refused.code == 2
    told = refused.json["refusal"]
    assert told["rule"] == "rebuild.catalogue"
    for digest in (load(()).digest, load((demo_city.OVERLAY,)).digest):
        assert digest in told["what"]["zh"]
        assert digest in told["what"]["en"]
    assert "CHENGXIN_OVERLAYS" in told["remedy"]["zh"]
    assert "--new-catalogue" in told["remedy"]["en"]
    assert len(before) == 4, "two organisations, two penalties"
    assert recorded() == before


def test_under_the_catalogue_of_the_last_batch_it_goes_on(filled: None, settings) -> None:
    settings.CATALOGUE_OVERLAYS = [demo_city.OVERLAY]
    assert chengxin("rebuild").code == 0


def test_a_catalogue_that_was_changed_on_purpose_counts_from_then_on(filled: None) -> None:
    done = chengxin("rebuild", "--new-catalogue", "--json")
    assert done.code in {0, 1}, done.err
    assert done.json["tables"]["record"]["rows"] == 4


def test_where_nothing_is_recorded_yet_there_is_nothing_to_compare_with(empty_database: Place) -> None:
    assert chengxin("rebuild").code == 0
