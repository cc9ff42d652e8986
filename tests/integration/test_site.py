"""What a citizen sees on the public site."""

import pytest
from django.test import Client

from tests.integration import site_seed


@pytest.fixture(scope="module")
def city(database):
    return site_seed.seed()


@pytest.fixture
def client():
    return Client(headers={"host": "127.0.0.1"})


PAGES = [
    "/",
    "/search?q=澜州青穗",
    "/search?q=不存在的名称",
    f"/subject/{site_seed.FOOD}",
    f"/subject/{site_seed.QUIET}",
    f"/subject/{site_seed.FOOD}/xzxk",
    "/verify",
    "/rules/",
    "/rules/laws/",
    "/rules/laws/xingzheng-chufa-fa",
    "/rules/items/xzcf",
    "/rules/items/xzxk",
    "/rules/terms/2026-order36",
    "/rules/terms/xzxk-validity",
    "/rules/severity/national",
    "/rules/codes/penalty-kind",
    "/data",
    "/log",
    "/quality",
]


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(city, client, prefix, path):
    answer = client.get(prefix + path)
    assert answer.status_code == 200
    assert f'<html lang="{"en" if prefix else "zh-Hans"}"' in answer.content.decode()
