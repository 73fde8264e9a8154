"""The demo's stack as each visitor meets it: consumer, partner, auditor, operator."""

import json

import pytest

from core.config import Settings
from core.crypto import from_hex
from core.db.engine import open_database
from ml.judge import judge
from tests.e2e.visitor import NOBODY, SALAD, SECOND_LOT, ask, sr360

pytestmark = pytest.mark.e2e


def test_everything_was_verified(stack):
    assert stack.summary["ok"] is True
    assert stack.summary["mirror"]["findings"] == []
    assert stack.summary["mirror"]["checked"]["heads proven"] >= 6


def test_the_digital_link_answers_each_reader_in_his_form(stack):
    data = ask(stack.api_url + SALAD)
    assert (data.status, data.kind) == (200, "application/json")
    assert data.json["product"]["uri"] == "https://id.gs1.org" + SALAD
    links = ask(stack.api_url + SALAD, accept="application/linkset+json")
    assert (links.status, links.kind) == (200, "application/linkset+json")
    assert links.json["linkset"][0]["anchor"].endswith(SALAD)
    page = ask(stack.api_url + SALAD, accept="text/html")
    assert (page.status, page.kind) == (200, "text/html")
    assert "Sunrise Valley Farm LLC" in page.text, "the journey leads back to the harvest"
    code = ask(stack.api_url + SALAD + "/qr.svg", accept="image/svg+xml")
    assert (code.status, code.kind) == (200, "image/svg+xml")


def test_the_recalled_lot_says_so(stack):
    assert ask(stack.api_url + SECOND_LOT).json["product"]["recallLevel"] == 2
    page = ask(stack.api_url + SECOND_LOT, accept="text/html").text
    assert "Listeria" in page, "the reason of the recall, as its notice on IPFS gives it"
    assert "Listeria" not in ask(stack.api_url + SALAD, accept="text/html").text


def test_the_forecast_is_proven_to_precede_its_outcome(stack):
    timing = stack.summary["forecast"]["timing"]
    assert timing["provenBeforeOutcome"] is True
    assert timing["hashMatches"] is True


def test_the_chain_scores_the_forecast_as_ml_does(stack):
    told = stack.summary["forecast"]
    database = open_database(Settings(state_dir=stack.state_dir))
    with database.read_session() as session:
        found = judge(session, from_hex(told["commitment"]))
    database.close()
    assert (int(told["score"]["loss"]), told["score"]["steps"]) == (found.loss, found.steps)
    assert found.steps == 12


def test_verify_is_good(env):
    result = sr360(env, "verify", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    report = json.loads(result.stdout)
    assert (report["findings"], report["unchecked"]) == ([], [])


def test_without_a_chain_nothing_is_called_good(stack, env):
    mirror = sr360(env, "verify", "--json", "--rpc", NOBODY)
    assert mirror.returncode == 2, mirror.stdout
    assert json.loads(mirror.stdout)["unchecked"]
    bundle = str(stack.state_dir / "salad-proof.json")
    result = sr360(env, "verify", "--bundle", bundle, "--rpc", NOBODY)
    assert result.returncode == 2, result.stdout
    assert "could not check everything" in result.stdout


def test_a_second_stack_on_taken_ports_is_refused_in_words(stack, env, tmp_path):
    elsewhere = env | {"SR360_STATE_DIR": str(tmp_path)}
    result = sr360(elsewhere, "up", "--port-base", stack.api_url.rsplit(":", 1)[1])
    assert result.returncode == 2
    assert "port_taken" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_stack_on_the_same_state_is_refused_in_words(env):
    result = sr360(env, "up")
    assert result.returncode == 2
    assert "already_running" in result.stderr
    assert "Traceback" not in result.stderr
