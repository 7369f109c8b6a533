"""Every value knows the line on which it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.toml_table import Table, parse
from domain.errors import SiteInvalid

TEXT = '''# a comment with [brackets] and "quotes
plain = 1

[section]
"quoted key" = """
[not a header]
"""
dotted.inner = 2
inline = { a = 1, "b" = [1, 2] }
after = 3

[section.nested]
deep = 4  # end of line [comment]

[[many]]
id = "first"
list = [
    # between
    "x",
    { y = 5 },
]

[[many]]
id = "second"
[many.child]
k = 6
[[many.grandchildren]]
g = 7
'''


def line(table: Table, *path: str | int) -> int:
    """The line of the key at `path`."""
    value: object = table
    found = table.line
    for part in path:
        if isinstance(value, Table):
            item = value.items[str(part)]
            value, found = item.value, item.line
        else:
            assert isinstance(value, list)
            value = value[int(part)]
            found = value.line if isinstance(value, Table) else found
    return found


@pytest.mark.parametrize(
    ("path", "at"),
    [
        pytest.param(("plain",), 2, id="a key at the top"),
        pytest.param(("section",), 4, id="a table"),
        pytest.param(("section", "quoted key"), 5, id="a quoted key"),
        pytest.param(("section", "dotted", "inner"), 8, id="a dotted key"),
        pytest.param(("section", "inline", "b"), 9, id="inside an inline table"),
        pytest.param(("section", "after"), 10, id="after values of many lines"),
        pytest.param(("section", "nested", "deep"), 13, id="a nested table"),
        pytest.param(("many", 0), 15, id="the first of several"),
        pytest.param(("many", 0, "list"), 17, id="a list of many lines"),
        pytest.param(("many", 0, "list", 1, "y"), 20, id="a table in a list"),
        pytest.param(("many", 1, "id"), 24, id="the second of several"),
        pytest.param(("many", 1, "child", "k"), 26, id="a table of the second"),
        pytest.param(("many", 1, "grandchildren", 0, "g"), 28, id="lists in lists"),
    ],
)
def test_a_key_has_its_line(path: tuple[str | int, ...], at: int) -> None:
    assert line(parse(TEXT, "x.toml"), *path) == at


def test_tables_of_a_list_are_named_by_their_id() -> None:
    many = parse(TEXT, "x.toml").items["many"].value
    assert isinstance(many, list)

    assert [table.path for table in many] == ["many.first", "many.second"]


def test_line_ends_of_windows_change_no_line() -> None:
    table = parse(TEXT.replace("\n", "\r\n"), "x.toml")

    assert line(table, "many", 1, "child", "k") == 26


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("a = 1\nb =\n", "x.toml:2: not valid TOML: ", id="no value"),
        pytest.param("a = 1\na = 2\n", "x.toml:2: not valid TOML: ", id="twice"),
        pytest.param('a = "\n', "x.toml:1: not valid TOML: ", id="open quote"),
        pytest.param("[a", "x.toml:1: not valid TOML: ", id="end of file"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(SiteInvalid) as refusal:
        parse(text, "x.toml")

    assert str(refusal.value).startswith(place)


keys = st.sampled_from(["a", "b_1", "c-d", '"e f"', "'g'", '"h\\"i"'])
values = st.sampled_from(
    [
        "1",
        "1.5",
        "true",
        "2026-11-23",
        "2026-11-23T08:00:00+08:00",
        "2026-11-23 08:00:00",
        '""',
        "''",
        '"a # b = [c]"',
        "'\\'",
        '""""""',
        '"""\nx\n""q""\n"""',
        "'''\n[y]\n'''",
        "[]",
        "[\n1,\n2\n]",
        "[ [1], # c\n [2] ]",
        "{}",
        "{ x = 1, y.z = 2 }",
        "[{ x = '''\n''' }, { x = 2 }]",
    ]
)


@given(st.lists(st.tuples(keys, values, st.sampled_from(["", " # c", "\n", "\n#]"]))))
def test_whatever_stands_above_a_key_its_line_is_right(
    above: list[tuple[str, str, str]],
) -> None:
    unique = {key: (value, end) for key, value, end in above}
    text = "".join(f"{k} = {v}{end}\n" for k, (v, end) in unique.items())
    text += "[last]\nkey = 1\n"

    assert line(parse(text, "x"), "last", "key") == text.count("\n")


def test_a_merged_value_keeps_the_line_it_was_written_on() -> None:
    root = parse("[base.t]\na = 1\nb = 2\n[top.t]\nb = 3\n", "x.toml")
    base, top = root.items["base"].value, root.items["top"].value
    assert isinstance(base, Table)
    assert isinstance(top, Table)
    merged = top.over(base)

    assert (line(merged, "t", "a"), line(merged, "t", "b")) == (2, 5)
