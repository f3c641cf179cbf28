"""config.php read without running it: what is certain, what is a doubt, and that nothing is ever guessed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greffe.commands.reporting import report_name
from greffe.config.moodle import Moodle
from greffe.config.secret import Secret
from greffe.errors import ConfigError
from greffe.moodle import configphp
from greffe.moodle.configphp import ConfigPhp
from greffe.moodle.database import Settings
from greffe.moodle.settings import address_of, locks_of, settings_of
from tests.lab.lacking import lacking

HEAD = "<?php  // Moodle configuration file\n\nunset($CFG);\nglobal $CFG;\n$CFG = new stdClass();\n"
TAIL = "\nrequire_once(__DIR__ . '/lib/setup.php');\n"

USUAL = (
    HEAD
    + """
$CFG->dbtype    = 'mariadb';
$CFG->dblibrary = 'native';
$CFG->dbhost    = 'db.univ.example';
$CFG->dbname    = 'moodle';
$CFG->dbuser    = 'moodleuser';
$CFG->dbpass    = 'it\\'s a \\\\ secret $HOME "x"';
$CFG->prefix    = 'mdl_';
$CFG->dboptions = array (
  'dbpersist' => 0,
  'dbport' => 3307,
  'dbsocket' => '',
  'dbcollation' => 'utf8mb4_unicode_ci',
);

$CFG->wwwroot   = 'https://moodle.univ.example';
$CFG->dataroot  = '/srv/moodledata';
$CFG->admin     = 'admin';
$CFG->directorypermissions = 02777;
"""
    + TAIL
    + "\n// There is no php closing tag in this file\n"
)


def php(body: str) -> ConfigPhp:
    return configphp.parse(HEAD + body + TAIL)


def doubted(found: ConfigPhp) -> dict[str, int]:
    return {d.setting: d.line for d in found.doubts}


def test_the_usual_file() -> None:
    found = configphp.parse(USUAL)
    assert found.doubts == []
    assert found.values == {
        "dbtype": "mariadb",
        "dbhost": "db.univ.example",
        "dbname": "moodle",
        "dbuser": "moodleuser",
        "dbpass": 'it\'s a \\ secret $HOME "x"',
        "prefix": "mdl_",
        "dbport": "3307",
        "dbsocket": "",
        "dataroot": "/srv/moodledata",
    }


@pytest.mark.parametrize(
    ("body", "setting", "value"),
    [
        (r"$CFG->dbpass = 'a\b\n\'\\';", "dbpass", "a\\b\\n'\\"),
        (r'$CFG->dbpass = "tab\t dollar\$x \x41\101\u{e9} \q";', "dbpass", "tab\t dollar$x AAé \\q"),
        ('$CFG->dbpass = "100$ and $5 {x} $";', "dbpass", "100$ and $5 {x} $"),
        ("$CFG->dbpass = 'x;$CFG->dbpass=\"y\";// #';", "dbpass", 'x;$CFG->dbpass="y";// #'),
        ("$CFG->dbpass = 'http://a/*b*/?>';", "dbpass", "http://a/*b*/?>"),
        ("$CFG->dbpass = 'two\nlines';", "dbpass", "two\nlines"),
        ("$CFG->dbpass = 12345;", "dbpass", "12345"),
        ("$CFG->dbpass = '';", "dbpass", ""),
        ("$CFG->prefix = null;", "prefix", ""),
        (
            "# $CFG->dbname = 'no';\n// $CFG->dbname = 'no';\n/* $CFG->dbname = 'no'; */ $CFG->dbname = 'yes';",
            "dbname",
            "yes",
        ),
        ("// ends here ?> <b>$CFG->dbname = 'html';</b> <?php $CFG->dbname = 'yes';", "dbname", "yes"),
        ("$CFG /* a */ -> # b\n dbname // c\n = 'yes' /* d */ ;", "dbname", "yes"),
        ("$CFG->dbname = 'yes' ?>\n<?php ", "dbname", "yes"),
        ("$CFG->dboptions = ['dbport' => '3307', 'extra' => ['dbport' => 1],];", "dbport", "3307"),
        ("$CFG->dboptions['dbport'] = 3308;", "dbport", "3308"),
        ("$CFG->dboptions = array('dbsocket' => true);", "dbsocket", "1"),
        ("$CFG->dbname = 'yes'; $CFG->dbname = 'yes';", "dbname", "yes"),
        (
            "if (isset($CFG->dbname)) { echo 1; } $CFG->dbname = 'yes'; $x = $CFG->dbname . '/y';",
            "dbname",
            "yes",
        ),
        ("include 'other.php'; $CFG->dbname = 'yes';", "dbname", "yes"),
        ("$CFG->dbname = 'no'; $CFG = new stdClass(); $CFG->dbname = 'yes';", "dbname", "yes"),
        ("$CFG->DBNAME = 'other'; $CFG->dbname = 'yes'; $cfg->dbname = 'no';", "dbname", "yes"),
        ("$CFG->dbname = 'yes';\n__halt_compiler(); ' \" /*", "dbname", "yes"),
        (
            "$CFG->lock_factory = '\\\\core\\\\lock\\\\file_lock_factory';",
            "lock_factory",
            "\\core\\lock\\file_lock_factory",
        ),
        ("$CFG->dbname = 'yes'; return; $CFG->dbname = 'no';", "dbname", "yes"),
    ],
)
def test_certain(body: str, setting: str, value: str) -> None:
    found = php(body)
    assert setting not in doubted(found)
    assert found.values[setting] == value


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        ("$CFG->dbpass = getenv('DBPASS');", "dbpass"),
        ("$CFG->dbpass = $_ENV['DBPASS'];", "dbpass"),
        ("$CFG->dbpass = $_SERVER['x'] ?? 'secret1';", "dbpass"),
        ("$CFG->dbpass = 'secret' . '1';", "dbpass"),
        ('$CFG->dbpass = "secret1$var";', "dbpass"),
        ('$CFG->dbpass = "secret1{$a["b"]}";', "dbpass"),
        ('$CFG->dbpass = "secret1${b}";', "dbpass"),
        ("$CFG->dbpass = <<<'EOT'\nsecret1\nEOT;", "dbpass"),
        ("$CFG->dbpass = `cat secret1`;", "dbpass"),
        ("$CFG->dbpass = trim(file_get_contents('secret1'));", "dbpass"),
        ("$CFG->dbpass = require 'secret1.php';", "dbpass"),
        ("$CFG->dbname = DB_NAME;", "dbname"),
        ("$CFG->dbname = 0777;", "dbname"),
        ("$CFG->dbname = (string) 'x';", "dbname"),
        ("$CFG->dbhost = array('a', 'b');", "dbhost"),
        ("$CFG->dbhost = 'a,b';", "dbhost"),
        ("$CFG->dbhost = ['a', 'b'][rand(0, 1)];", "dbhost"),
        ("$CFG->dbhost = 'a'; $CFG->dbhost = 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; $CFG->dbhost .= 'b';", "dbhost"),
        ("$CFG->dbhost ??= 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; if (PHP_SAPI == 'cli') { $CFG->dbhost = 'b'; }", "dbhost"),
        ("$CFG->dbhost = 'a'; if (PHP_SAPI == 'cli') $CFG->dbhost = 'b';", "dbhost"),
        ("if ($x): $y = 1; $CFG->dbhost = 'b'; else: $z = 1; $CFG->dbhost = 'c'; endif;", "dbhost"),
        ("switch ($x) { case 1: $CFG->dbhost = 'b'; }", "dbhost"),
        ("$CFG->dbuser = $CFG->dbhost = 'b';", "dbhost"),
        ("$CFG->dbuser = $CFG->dbhost = 'b';", "dbuser"),
        ("function f() { global $CFG; $CFG->dbhost = 'b'; } f();", "dbhost"),
        ("$CFG->dbhost = 'a'; [$CFG->dbhost, $y] = ['b', 'c'];", "dbhost"),
        ("$CFG->dbhost = 'a'; list($CFG->dbhost) = ['b'];", "dbhost"),
        ("$CFG->dbhost = 'a'; foreach (['b'] as $CFG->dbhost) { }", "dbhost"),
        ("$CFG->dbhost = 'a'; $x = &$CFG->dbhost; $x = 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; f($CFG->dbhost);", "dbhost"),
        ("$CFG->dbhost = 'a'; unset($CFG->dbhost);", "dbhost"),
        ("$CFG->dbhost = 'a'; foreach ($o as $k => $v) { $CFG->$k = $v; }", "dbhost"),
        ("$CFG->dbhost = 'a'; $CFG->{'db' . 'host'} = 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; $c = $CFG; $c->dbhost = 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; $GLOBALS['CFG']->dbhost = 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; $n = 'CFG'; $$n->dbhost = 'b';", "dbhost"),
        ("$CFG->dbhost = 'a'; eval('x');", "dbhost"),
        ("$CFG = (object) ['dbhost' => 'a'];", "dbhost"),
        ("$CFG->dbhost = 'a'; include(__DIR__ . '/local.php');", "dbhost"),
        ("include 'other.php';", "lock_factory"),
        ("$CFG->dbhost = 'a'; $CFG->dboptions = ['readonly' => ['instance' => 'b']];", "dbhost"),
        ("$CFG->dbhost = 'a'; $CFG->dboptions['readonly'] = ['instance' => 'b'];", "dbhost"),
        ("$CFG->dboptions = $options;", "dbport"),
        ("$CFG->dboptions = ['dbport' => PORT];", "dbport"),
        ("$CFG->dboptions = [$k => 3306];", "dbport"),
        ("$CFG->dboptions = [...$o];", "dbsocket"),
        ("$CFG->dboptions = array('dbport' => 1) + $more;", "dbport"),
        ("$CFG->dboptions[$k] = 3306;", "dbport"),
        ("$CFG->dboptions['dbport'] = 1; $CFG->dboptions['dbport'] = 2;", "dbport"),
        ("$CFG->dbname = 'x", "dbname"),
        ("$CFG->dbname = 'x'; /* never ends", "dbname"),
        ('$CFG->dbpass = "\\xe9";', "dbpass"),
        ("#[A($CFG->dbname = 'x')] function f() {}", "dbname"),
    ],
)
def test_doubtful(body: str, setting: str) -> None:
    found = configphp.parse(HEAD + body + ("" if "never" in body or body.endswith("'x") else TAIL))
    assert setting in doubted(found)
    assert setting not in found.values
    assert doubted(found)[setting] == HEAD.count("\n") + 1
    assert "secret1" not in str(found.doubts)
    assert found.doubts == sorted(found.doubts, key=lambda d: d.line)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_count_as_php_counts_them(end: str) -> None:
    body = "/* a\nb */ $CFG->dbtype = 'pgsql';\n$x = 'a\nb';\n$CFG->dbname = NAME;"
    found = configphp.parse(("<?php\n" + body).replace("\n", end))
    assert doubted(found)["dbname"] == 6
    assert found.values["dbtype"] == "pgsql"


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "config.php"
    file.write_bytes(b"\xef\xbb\xbf<?php // caf\xe9\n$CFG->dbname = 'moodle'; $CFG->dbpass = '\xe9t\xe9';")
    found = configphp.read(file)
    assert found.values == {"dbname": "moodle"}
    assert doubted(found) == {"dbpass": 2}


def test_forced_settings_are_noticed() -> None:
    assert php("$CFG->forced_plugin_settings = ['enrol_database' => ['dbhost' => 'x']];").forced == 6


def test_nothing_of_a_password_shows() -> None:
    assert "secret" not in repr(configphp.parse(USUAL))


@given(st.text("$CFG->dbhost='a\"\\;{}[]()/*#?<php \n=.x", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_failing(text: str) -> None:
    configphp.parse("<?php " + text)


@pytest.fixture(scope="module")
def interpreter() -> str:
    """What judges strings."""
    return shutil.which("php") or lacking("no php on this machine")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), st.sampled_from("'\""))
@settings(max_examples=25, deadline=None)
def test_strings_mean_what_php_says(interpreter: str, text: str, mark: str) -> None:
    literal = mark + text.replace(mark, "\\" + mark) + mark
    found = configphp.parse(f"<?php $CFG->dbpass = {literal};")
    code = f"error_reporting(0); $CFG = new stdClass(); $CFG->dbpass = {literal}; echo $CFG->dbpass;"
    done = subprocess.run([interpreter, "-r", code], capture_output=True, check=False)
    if "dbpass" in found.values and done.returncode == 0:
        assert found.values["dbpass"].encode() == done.stdout


# -- joined with the keys -----------------------------------------------------------------------------------


def site(tmp_path: Path, text: str, **keys: object) -> Moodle:
    file = tmp_path / "config.php"
    file.write_text(text, encoding="utf-8")
    return Moodle(config_php=str(file), **keys)  # type: ignore[arg-type]


def test_settings_from_config_php(tmp_path: Path) -> None:
    s = settings_of(site(tmp_path, USUAL))
    assert (s.engine, s.host, s.port, s.socket, s.name, s.user, s.prefix) == (
        "mariadb", "db.univ.example", 3307, "", "moodle", "moodleuser", "mdl_",
    )  # fmt: skip
    assert s.password == 'it\'s a \\ secret $HOME "x"'
    assert "secret" not in repr(s)


def test_keys_win_and_settle_doubts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "from env")
    text = USUAL.replace("'db.univ.example'", "getenv('H')").replace("= 'it", "= PASS . 'it")
    with pytest.raises(
        ConfigError, match=r"line 9 .dbhost. comes from the environment; line 12 .dbpass"
    ) as e:
        settings_of(site(tmp_path, text))
    assert "host, password" in e.value.todo
    assert "secret" not in str(e.value)
    s = settings_of(site(tmp_path, text, host="other", password=Secret(env="PW"), name="copy"))
    assert (s.host, s.password, s.name, s.user) == ("other", "from env", "copy", "moodleuser")


@pytest.mark.parametrize(
    ("host", "options", "want"),
    [
        ("localhost", "'dbsocket' => '/run/x.sock'", ("localhost", "/run/x.sock")),
        ("", "'dbsocket' => '/run/x.sock'", ("localhost", "/run/x.sock")),
        ("10.0.0.1", "'dbsocket' => '/run/x.sock'", ("10.0.0.1", "")),
    ],
)
def test_sockets(tmp_path: Path, host: str, options: str, want: tuple[str, str]) -> None:
    text = (
        HEAD
        + f"$CFG->dbtype='mariadb';$CFG->dbname='m';$CFG->dbuser='u';$CFG->dbpass='';$CFG->dbhost='{host}';"
    )
    s = settings_of(site(tmp_path, text + f"$CFG->dboptions=[{options}];" + TAIL))
    assert (s.host, s.socket) == want
    assert s.prefix == ""


@pytest.mark.parametrize("kind", ["sqlsrv", "oci", "mssql"])
def test_other_databases_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(repr(kind))):
        settings_of(site(tmp_path, USUAL.replace("'mariadb'", f"'{kind}'")))


def test_no_word_about_the_database() -> None:
    with pytest.raises(ConfigError, match="which database"):
        settings_of(Moodle())
    with pytest.raises(ConfigError, match="name is missing"):
        settings_of(Moodle(type="pgsql", user="u"))
    with pytest.raises(ConfigError, match="cannot be read"):
        settings_of(Moodle(config_php="/nowhere/config.php"))


def test_no_two_sites_of_a_machine_have_one_address() -> None:
    one: dict[str, Any] = {"engine": "postgresql", "socket": "/var/run/postgresql", "name": "moodle"}
    sites: list[dict[str, Any]] = [
        {}, {"port": 5433}, {"schema": "sante"}, {"prefix": "m_"}, {"name": "sante"}, {"socket": "", "host": "db"},
        {"socket": "", "host": "db", "port": 5433}, {"socket": "", "host": "db2"},
    ]  # fmt: skip
    found = [address_of(Settings(**(one | more)), 5432) for more in sites]
    assert len(set(found)) == len(sites)
    assert len({report_name(site, 41) for site in found}) == len(sites)
    assert address_of(Settings(**(one | {"port": 5432})), 5432) == found[0]
    assert found[0] == "postgresql:///var/run/postgresql/moodle/mdl_"


def test_locks_follow_config_php(tmp_path: Path) -> None:
    assert locks_of(site(tmp_path, USUAL)).factory == "database"
    assert locks_of(site(tmp_path, USUAL, name="alias")).site == "moodle:mdl_"
    file = locks_of(
        site(
            tmp_path,
            USUAL.replace(TAIL, "$CFG->lock_factory = '\\\\core\\\\lock\\\\file_lock_factory';" + TAIL),
        )
    )
    assert (file.factory, file.root) == ("file", "/srv/moodledata/lock")
    other = USUAL.replace(TAIL, "$CFG->lock_factory = '\\\\tool_lockstats\\\\proxy_lock_factory';" + TAIL)
    with pytest.raises(ConfigError, match="proxy_lock_factory"):
        locks_of(site(tmp_path, other))
    assert locks_of(site(tmp_path, other, lock_factory="database")).factory == "database"
    assert locks_of(Moodle(type="pgsql", name="m", user="u")).site == "m:mdl_"
    with pytest.raises(ConfigError, match="lock_root"):
        locks_of(Moodle(lock_factory="file"))
