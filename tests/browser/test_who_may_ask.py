"""Who gets an answer of the endpoint."""

from __future__ import annotations

import hashlib

import pytest

from tests.browser.monitoring import TOKEN, ask, fetch, switch
from tests.browser.university import University

pytestmark = [pytest.mark.moodle, pytest.mark.browser]


SET = f"""
\\core\\cron::setup_user();
$setting = new \\local_greffe\\admin\\setting_token('local_greffe/monitortoken', '', '');
foreach (['short', '{TOKEN}', ''] as $token) {{
    echo (int) ($setting->write_setting($token) === '');
}}
"""
"""Too short, right, and left empty, through the setting of the administration page."""
PHRASE = "four words that nobody guesses"
"""The setting takes it, so the door does."""


def test_who_gets_an_answer(campus: University) -> None:
    campus.at("held")
    switch(campus, monitorenabled="0", monitortoken="")
    assert ask(campus)[0] == 404
    switch(campus, monitorenabled="1")
    assert ask(campus)[0] == 404  # no token yet: nobody can have the right one
    assert ask(campus, token="")[0] == 404
    assert campus.php(SET) == "011"
    assert ask(campus)[0] == 200
    assert campus.php(SET.replace(TOKEN, PHRASE)) == "011"
    assert ask(campus, token=PHRASE)[0] == 200
    assert ask(campus, token=PHRASE.split(maxsplit=1)[0])[0] == 403
    assert campus.php(SET) == "011"
    for wrong in ("", "x" * 32, TOKEN[:-1], TOKEN.upper()):
        status, kind, body = ask(campus, token=wrong)
        assert (status, body) == (403, "not allowed\n")
        assert kind.startswith("text/plain")
    assert ask(campus, "xml")[0] == 400
    switch(campus, monitoraddresses="192.0.2.0/24")
    assert ask(campus)[0] == 403
    switch(campus, monitoraddresses="192.0.2.0/24\n127.0.0.1")
    assert ask(campus)[0] == 200
    for table in ("config_plugins", "config_log", "logstore_standard_log"):
        assert TOKEN not in str(campus.database.query(f"SELECT * FROM mdl_{table}"))
    assert TOKEN not in (campus.site.dataroot / "web.log").read_text(errors="replace")
    assert ask(campus, token="", path=f"&token={TOKEN}")[0] == 403  # never from the address
    campus.database.run("ALTER TABLE mdl_local_greffe_run RENAME TO mdl_elsewhere")
    try:
        assert ask(campus)[0] == 503
    finally:
        campus.database.run("ALTER TABLE mdl_elsewhere RENAME TO mdl_local_greffe_run")


def test_whoever_knocks_gets_a_small_answer(campus: University) -> None:
    """However odd the question: never one of Moodle's pages, and nothing before the token was looked at."""
    campus.at("held")
    switch(campus, monitorenabled="0", monitortoken="")
    odd = ("format[]=x", "format[a][b]=json", "format=", "format=JSON", "format=%00json", "format=js0on")
    for query in odd:
        assert fetch(campus, query, TOKEN) == (404, "text/plain; version=0.0.4; charset=utf-8", "not found\n")
    switch(campus, monitorenabled="1", monitortoken=hashlib.sha256(TOKEN.encode()).hexdigest())
    for query in odd:
        assert fetch(campus, query, "x" * 32)[::2] == (403, "not allowed\n")
        assert fetch(campus, query, TOKEN)[::2] == (400, "format is json or prometheus\n")
    assert fetch(campus, "", TOKEN)[0] == 200


def test_an_address_behind_a_proxy_is_on_the_list_or_stays_outside(campus: University) -> None:
    """The last one that the proxy writes counts; a word in its place is no address, and lets nobody in."""
    campus.at("held")
    known = hashlib.sha256(TOKEN.encode()).hexdigest()
    switch(campus, monitorenabled="1", monitortoken=known, monitoraddresses="192.0.2.0/24 # monitoring")
    campus.php("set_config('getremoteaddrconf', 1);")
    try:
        for forwarded, status in (
            ("192.0.2.9", 200), ("198.51.100.7, 192.0.2.9", 200), ("192.0.2.9:4711", 200),
            ("198.51.100.7", 403), ("192.0.2.9, 198.51.100.7", 403), ("2001:db8::7", 403),
            ("unknown", 403), ("_hidden", 403), ("192.0.2.9, unknown", 403), (",", 403),
        ):  # fmt: skip
            assert fetch(campus, "format=json", TOKEN, **{"X-Forwarded-For": forwarded})[0] == status, (
                forwarded
            )
    finally:
        campus.php("set_config('getremoteaddrconf', GETREMOTEADDR_SKIP_DEFAULT);")
        switch(campus, monitoraddresses="")
