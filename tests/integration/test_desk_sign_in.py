"""Who gets in, who sees what."""

import re
from collections.abc import Iterator

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation
from tests.databases import Place
from tests.integration import desk_seed as seed

from chengxin.kernel.refusal import Refusal
from chengxin.operations import accounts, entrance

SIGN_IN = "/desk/sign-in"


@pytest.fixture(scope="module")
def desk(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk with people and one receipt of the bureau; gives the receipt number."""
    with seed.quick_passwords():
        seed.people()
        seed.companies(tmp_path_factory.mktemp("register"))
        yield seed.hand_in(seed.bad_file())


@pytest.fixture
def client() -> Iterator[Client]:
    yield Client()
    AccessAttempt.objects.all().delete()


def sign_in(client: Client, name: str, password: str = seed.PASSWORD):
    return client.post(SIGN_IN, {"username": name, "password": password})


def test_the_sign_in_page_is_a_page_of_this_platform(desk: str, client: Client) -> None:
    text = client.get(SIGN_IN).content.decode()
    assert '<html lang="zh-Hans"' in text
    assert "公共信用信息平台" in text


def test_a_clerk_signs_in_and_lands_on_the_queue(desk: str, client: Client) -> None:
    assert client.get("/desk/")["Location"].startswith(SIGN_IN)
    assert sign_in(client, "clerk")["Location"] == "/desk/"
    assert "待更正" in client.get("/desk/").content.decode()


@pytest.mark.parametrize("name", ["clerk", "nobody"])
def test_a_failed_sign_in_does_not_tell_whether_the_user_exists(desk: str, client: Client, name: str) -> None:
    answer = sign_in(client, name, "wrong")
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.content.decode()


def test_after_five_failures_the_right_password_no_longer_helps_for_a_while(desk: str, client: Client) -> None:
    for _ in range(5):
        last = sign_in(client, "clerk", "wrong")
    assert last.status_code == 429
    answer = sign_in(client, "clerk")
    assert answer.status_code == 429
    assert "暂时不能登录" in answer.content.decode()
    assert client.get("/desk/").status_code == 302
    assert sign_in(client, "officer")["Location"] == "/desk/", "other names from here are not locked"


def test_another_bodys_receipt_looks_like_one_that_does_not_exist(desk: str, client: Client) -> None:
    sign_in(client, "neighbour")
    theirs = client.get(f"/desk/submissions/{desk}")
    nothing = client.get("/desk/submissions/R-20200101-0001")
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.content.decode().replace(desk, "") == nothing.content.decode().replace("R-20200101-0001", "")
    for path in ("quarantined.xlsx", "rows/5", "proposals?rule=xzcf.jdrq.imprecise", "progress"):
        assert client.get(f"/desk/submissions/{desk}/{path}").status_code == 404
    assert client.post(f"/desk/submissions/{desk}/rows/5/check", {"field-CF_JDRQ": "2026-11-01"}).status_code == 404
    assert desk not in client.get("/desk/submissions/").content.decode()
    assert client.get(f"/desk/sources/{seed.BUREAU_CODE}").status_code == 404


def test_an_officer_of_the_centre_sees_every_source(desk: str, client: Client) -> None:
    sign_in(client, "officer")
    assert client.get(f"/desk/submissions/{desk}").status_code == 200
    assert "澜州市生态环境局" in client.get("/desk/submissions/").content.decode()
    assert client.get(f"/desk/sources/{seed.BUREAU_CODE}").status_code == 200


def test_an_account_without_a_source_is_told_whom_to_ask(desk: str, client: Client) -> None:
    get_user_model().objects.create_user("stray", password=seed.PASSWORD)
    sign_in(client, "stray")
    answer = client.get("/desk/")
    assert answer.status_code == 403
    assert "没有归属单位" in answer.content.decode()


def test_pages_of_the_desk_are_never_stored_by_a_browser(desk: str, client: Client) -> None:
    sign_in(client, "clerk")
    assert client.get(f"/desk/submissions/{desk}")["Cache-Control"] == "no-store"


def test_a_part_of_a_page_sends_an_expired_session_to_the_sign_in_page(desk: str, client: Client) -> None:
    answer = client.post(f"/desk/submissions/{desk}/rows/5/check", {}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == SIGN_IN


def test_a_new_password_ends_every_session(desk: str, client: Client) -> None:
    accounts.create_user(name="changing", password=seed.PASSWORD, source=seed.BUREAU_CODE)
    sign_in(client, "changing")
    elsewhere = Client()
    sign_in(elsewhere, "changing")
    new = "another-long-password"
    given = {"old_password": seed.PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/desk/account", given)["Location"] == SIGN_IN
    assert elsewhere.get("/desk/").status_code == 302
    assert sign_in(client, "changing", new)["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"role": "boss"}, "account.role"),
        ({"source": "nowhere"}, "account.source"),
        ({"name": "clerk"}, "account.name"),
        ({"password": "12345678"}, "account.password"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(desk: str, change: dict[str, str], rule: str) -> None:
    wanted = {"name": "fresh", "password": seed.PASSWORD, "source": seed.BUREAU_CODE, "role": "clerk"}
    with pytest.raises(Refusal) as refused:
        accounts.create_user(**{**wanted, **change})
    assert refused.value.rule == rule
    assert refused.value.remedy.zh


@pytest.mark.parametrize("password", ["x", "password", "1234567890", "somebody-new"])
@pytest.mark.parametrize("speaking", ["zh-hans", "en"])
def test_why_a_password_is_too_weak_is_said_whole_in_each_language(desk: str, password: str, speaking: str) -> None:
    """Whatever language the page or the terminal speaks that it was chosen at."""
    with translation.override(speaking):
        with pytest.raises(Refusal) as refused:
            accounts.create_user(name="somebody-new", password=password, source=seed.BUREAU_CODE)
        with pytest.raises(Refusal) as alike:
            entrance.sign_up(name="somebody-new", password=password)
    told = refused.value.what
    assert alike.value.what == told
    assert not re.search("[A-Za-z]", told.zh)
    assert not re.search("[\u4e00-\u9fff]", told.en)
    assert len(told.zh) > len("密码过于简单：")


def test_a_chinese_page_says_in_chinese_that_a_new_password_is_too_short(desk: str, client: Client) -> None:
    sign_in(client, "clerk")
    given = {"old_password": seed.PASSWORD, "new_password1": "kurz", "new_password2": "kurz"}
    page = client.post("/desk/account", given).content.decode()
    assert "密码太短，至少 10 位" in page
    assert "too short" not in page


def test_a_closed_account_cannot_sign_in(desk: str, client: Client) -> None:
    accounts.create_user(name="leaving", password=seed.PASSWORD, source=seed.BUREAU_CODE)
    accounts.close(name="leaving")
    assert sign_in(client, "leaving").status_code == 422
