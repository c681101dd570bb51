"""What the documents tell people to type is what the programs take."""

import re
import shlex
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from chengshu.lake.reject_reasons import NEXT_STEPS, REASONS
from chengshu.survival import parameters
from chengshu.web.command_line import app

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
TUTORIALS = (DOCS / "tutorial.md", DOCS / "tutorial.zh-CN.md")
DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted(DOCS.glob("**/*.md"))]
SURVIVAL = DOCS / "algorithms" / "survival.md"
PICTURE_BYTES = 200_000


def blocks(document, kind):
    text = document.read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def chengshu_lines(document):
    """Lines of shell blocks, and words between backticks, that call chengshu with a command."""
    text = document.read_text(encoding="utf-8")
    in_blocks = [line for block in blocks(document, "sh") for line in block.splitlines()]
    inline = re.findall(r"`(chengshu [a-z][^`]*)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return [line for line in [*in_blocks, *inline] if re.match(r"chengshu [a-z]", line)]


COMMANDS = sorted({line for document in DOCUMENTS for line in chengshu_lines(document)})


def commands_of(group, name=""):
    """Every command by its words, such as `audit verify`."""
    assert isinstance(group, TyperGroup)
    for word, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands_of(command, f"{name}{word} ")
        else:
            yield f"{name}{word}", command


def known_commands():
    return dict(commands_of(get_command(app)))


def command_of(line):
    """Which command a line calls, by the words of its name; the rest are arguments."""
    words = shlex.split(line)[1:]
    for length in (2, 1):
        if (name := " ".join(words[:length])) in known_commands():
            return name, words[length:]
    raise KeyError(line)


def parsed(line):
    """The options, as the command line itself would read them; nothing is run."""
    name, arguments = command_of(line)
    stand_ins = {"N": "1", "S": "1", "DATE": "2025-12-31"}
    return known_commands()[name].make_context(name, [stand_ins.get(word, word) for word in arguments])


def test_documents_name_every_command():
    assert {command_of(line)[0] for line in COMMANDS} == set(known_commands())


@pytest.mark.parametrize("line", COMMANDS)
def test_a_documented_command_is_understood(line):
    if command_of(line)[1]:
        assert parsed(line).params


def test_an_unknown_option_would_be_noticed():
    with pytest.raises(TyperException, match="--no-such-option"):
        parsed("chengshu describe CITY --no-such-option")


def test_both_tutorials_give_the_same_commands():
    first, second = (
        [re.sub(r"( CHENGSHU_LANG=en| && echo .*)", "", block) for block in blocks(tutorial, "sh")]
        for tutorial in TUTORIALS
    )
    assert first
    assert first == second


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_python_in_documents_compiles(document):
    for block in blocks(document, "sh"):
        for program in re.findall(r"^python - <<'END'\n(.*?)^END$", block, re.MULTILINE | re.DOTALL):
            compile(program, str(document), "exec")


def test_pictures_are_small_and_used():
    pictures = sorted((DOCS / "pictures").glob("*"))
    used = {
        name for tutorial in TUTORIALS for name in re.findall(r"\]\(pictures/([^)]+)\)", tutorial.read_text("utf-8"))
    }
    assert {picture.name for picture in pictures} == used
    assert [picture.name for picture in pictures if picture.stat().st_size > PICTURE_BYTES] == []


def test_every_reject_code_is_explained():
    text = (DOCS / "how-to" / "read-rejects.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    explained = {code: ((zh, en), (step_zh, step_en)) for code, en, step_en, zh, step_zh in rows}
    assert explained == {code: (tuple(REASONS[code]), tuple(NEXT_STEPS[code])) for code in REASONS}


def test_the_model_page_has_the_headings_that_docstrings_point_to():
    headings = re.findall(r"^##+ (.+)$", SURVIVAL.read_text(encoding="utf-8"), re.MULTILINE)
    pointed = {
        heading
        for module in (ROOT / "chengshu" / "survival").glob("*.py")
        for heading in re.findall(r'survival\.md, "([^"]+)"', module.read_text(encoding="utf-8"))
    }
    assert pointed
    assert pointed <= set(headings)


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("rate while away", parameters.PRIOR_AWAY_FACTOR),
        ("rate in a relative's hands", parameters.PRIOR_RELATIVE_FACTOR),
        ("use after a death", parameters.PRIOR_RELATIVE_SHARE),
        ("end of such use", parameters.PRIOR_RELATIVE_STOP),
        ("giving a source up", parameters.PRIOR_HABIT_STOP),
        ("spread of activity", parameters.PRIOR_ACTIVITY_SPREAD),
        ("going away", parameters.PRIOR_AWAY_START),
        ("coming back", parameters.PRIOR_AWAY_RETURN),
        ("strangers' events", parameters.PRIOR_STRAY_SHARE),
        ("never registered", parameters.PRIOR_NEVER_REGISTERED),
        ("last illness", parameters.FAILING_EXIT),
    ],
)
def test_the_model_page_states_the_priors_that_the_code_has(row, value):
    rows = re.findall(r"^\| (?:\S, )?([^|]+?) \| (.+)$", SURVIVAL.read_text(encoding="utf-8"), re.MULTILINE)
    (stated,) = [rest for name, rest in rows if name == row]
    assert value in {float(number) for number in re.findall(r"\d+\.\d+", stated)}
