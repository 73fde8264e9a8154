"""docs/reference/profiles.md is what the files say."""

from core.epcis.profiles.load import read
from scripts import profile_docs


def test_the_page_is_up_to_date():
    assert profile_docs.PAGE.read_text() == profile_docs.render(), (
        "run python -m scripts.profile_docs"
    )


def test_the_example_is_a_profile():
    example = profile_docs.PAGE.read_text().split("```toml\n")[1].split("```")[0]
    [event] = read(example, "profiles.md").events
    assert event.rules[0].id == "mine.ship.seal"
