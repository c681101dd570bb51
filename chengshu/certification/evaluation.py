"""Hold a finished run against the truth: `chengshu evaluate`.

Rates are counted over people who have a benefit that needs survival and no recorded death: those of whom a
bureau has to wonder.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chengshu.certification import evaluation_oracle, evaluation_report, evaluation_scores
from chengshu.certification.evaluation_inputs import Believed, Run, open_run, read_truth
from chengshu.certification.evaluation_scores import Bools, Floats, Ints
from chengshu.kernel.errors import PackageError, StorageError
from chengshu.kernel.identifiers import check_id_numbers
from chengshu.kernel.texts import Text
from chengshu.lake import Load

RULE_DAYS = 90
DEAD_SHARES = (0.001, 0.003, 0.005, 0.01)
MOST_FOR_ORACLE = 200_000
EVALUATION = "evaluation.json"
_AGES = ((0, 18), (18, 45), (45, 60), (60, 70), (70, 80), (80, 90), (90, None))
_ALL = Text("全部", "all")
_MALE, _FEMALE = Text("男", "male"), Text("女", "female")


@dataclass(frozen=True)
class Joined:
    """People without a recorded death of whom the truth is known, ascending by nothing in particular.

    Attributes:
        believed: who they are and what the run said.
        alive: (people,) the truth.
        missing: people of whom the truth says nothing.
    """

    believed: Believed
    alive: Bools
    missing: int


def evaluate(out: Path, truth: Path, *, lake_dir: Path | None = None) -> dict[str, Any]:
    """Compare decisions with the truth, write `OUT/evaluation.json` and show it in `OUT/report.html`.

    Args:
        out: what `chengshu certify --out` wrote.
        truth: Parquet with `id_number` and `alive`; `truth-rates.parquet` and `truth-world.json` beside
            it let the oracle be told, too.
        lake_dir: the run's lake, where it is not `OUT/lake`.

    Returns:
        What was written: plain values.

    Raises:
        PackageError: `evaluate.…`, when run or truth cannot be used or have nobody in common.
        StorageError: `evaluate.not-written`; `report.not-written`.
    """
    run = open_run(out, lake_dir)
    joined = _join(run.believed, truth)
    found = _evaluate(run, joined, truth)
    _write(out / EVALUATION, found)
    evaluation_report.show_truth(out, truth, found)
    return found


def _join(believed: Believed, truth: Path) -> Joined:
    known = read_truth(truth)
    place = pc.index_in(believed.id_number, known["id_number"])
    is_known = pc.is_valid(place).to_numpy(zero_copy_only=False)
    if not is_known.any():
        raise PackageError(
            "evaluate.nobody-in-common",
            Text(
                f"{truth} 与本次认证没有共同的人。",
                f"{truth} and this run have nobody in common.",
            ),
            Text(
                "请给出同一城市的真值文件（列 id_number 为身份证号码）。",
                "Name the truth of the same city (column id_number holds ID numbers).",
            ),
        )
    alive = known["alive"].take(place.drop_null()).to_numpy(zero_copy_only=False).astype(np.bool_)
    return Joined(believed.take(np.flatnonzero(is_known)), alive, int((~is_known).sum()))


def _evaluate(run: Run, joined: Joined, truth: Path) -> dict[str, Any]:
    believed, alive = joined.believed, joined.alive
    chosen, oracle = _ask_oracle(run.load, believed, truth)
    certified = alive[believed.is_certified]
    return {
        "as_of": run.as_of.isoformat(),
        "people": len(alive),
        "without_truth": joined.missing,
        "dead": int((~alive).sum()),
        "expected_dead": float((1 - believed.p_alive).sum()),
        "max_dead_share": run.summary.get("max_dead_share"),
        "expected_dead_share": run.summary.get("expected_dead_share"),
        "certified": _outcome(believed.is_certified, alive) if len(certified) else None,
        "rule_90_days": _outcome(_seen_lately(believed, run.as_of), alive),
        "silent_at": _silent_at(believed.take(chosen), alive[chosen], oracle, run.as_of),
        "promises": [evaluation_scores.keep_promise(believed.p_alive, alive, share) for share in DEAD_SHARES],
        "oracle": _oracle_scores(oracle, believed.p_alive[chosen], alive[chosen]),
        "scores": _scores(run, joined),
    }


def _ask_oracle(load: Load | None, believed: Believed, truth: Path) -> tuple[Ints, Floats | None]:
    """Who is compared with the oracle, as positions, and its beliefs; all and None where there is none.

    Keys are hashes, so the people with the lowest ones are a random sample.
    """
    everybody = np.arange(len(believed.p_alive))
    if load is None or not evaluation_oracle.has_rates(truth):
        return everybody, None
    keys = _keys_of(load, believed.id_number)
    order: Ints = np.argsort(keys, kind="stable")[:MOST_FOR_ORACLE]
    beliefs = evaluation_oracle.oracle_p_alive(truth, load, keys[order]).astype(np.float64)
    is_known: Bools = ~np.isnan(beliefs)
    return (order[is_known], beliefs[is_known]) if is_known.any() else (everybody, None)


def _keys_of(load: Load, ids: pa.StringArray) -> Ints:
    """(people,) person_key of each ID number."""
    identities = load.identities()
    return np.asarray(identities["person_key"].take(pc.index_in(ids, identities["id_number"])).to_numpy())


def _seen_lately(believed: Believed, as_of: date) -> Bools:
    """(people,) whether the 90-day rule would certify them."""
    quiet = np.datetime64(as_of) - believed.last_event_on
    return np.asarray(quiet <= np.timedelta64(RULE_DAYS, "D"))


def _outcome(is_silent: Bools, alive: Bools) -> dict[str, Any]:
    """Share certified without being asked, and share of dead among them."""
    taken = alive[is_silent]
    share = evaluation_scores.observed_share(int((~taken).sum()), len(taken)) if len(taken) else None
    return {
        "people": len(taken),
        "silent": len(taken) / len(alive),
        "dead": int((~taken).sum()),
        "dead_share": None if share is None else asdict(share),
    }


def _silent_at(believed: Believed, alive: Bools, oracle: Floats | None, as_of: date) -> list[dict[str, Any]]:
    """Silent rates at the same true dead share: of the rule where it reaches it, the model and the oracle."""
    rule = _outcome(_seen_lately(believed, as_of), alive)
    rows: list[dict[str, Any]] = [{"dead_share": share, "rule": None} for share in DEAD_SHARES]
    if rule["dead_share"] is not None:
        rows.append({"dead_share": rule["dead_share"]["value"], "rule": rule["silent"]})
    for row in rows:
        row["model"] = evaluation_scores.silent_share(believed.p_alive, alive, row["dead_share"])
        row["oracle"] = row["model_to_oracle"] = None
        if oracle is not None:
            row["oracle"] = evaluation_scores.silent_share(oracle, alive, row["dead_share"])
            row["model_to_oracle"] = row["model"] / row["oracle"] if row["oracle"] else None
    return rows


def _oracle_scores(oracle: Floats | None, model: Floats, alive: Bools) -> dict[str, Any] | None:
    """The oracle's own scores, and the model's over the same people."""
    if oracle is None:
        return None
    return {
        "people": len(alive),
        "expected_dead": float((1 - oracle).sum()),
        "brier": evaluation_scores.brier(oracle, alive),
        "log_loss": evaluation_scores.log_loss(oracle, alive),
        "model_brier": evaluation_scores.brier(model, alive),
        "model_log_loss": evaluation_scores.log_loss(model, alive),
        "bands": [asdict(band) for band in evaluation_scores.calibrate(oracle, alive)],
    }


def _scores(run: Run, joined: Joined) -> dict[str, list[dict[str, Any]]]:
    """Scores over all people and by group; by region where the lake is at hand."""
    believed, alive = joined.believed, joined.alive
    base = np.asarray(check_id_numbers(believed.id_number).base)
    number = run.as_of.year * 10_000 + run.as_of.month * 100 + run.as_of.day
    age = (number - base // 1000 % 10**8) // 10_000
    is_man = base % 2 == 1
    groups: dict[str, list[tuple[str, Text, Ints]]] = {
        "all": [("all", _ALL, np.arange(len(alive)))],
        "age": [
            (_age_key(low, high), _age_name(low, high), np.flatnonzero(_is_within(age, low, high)))
            for low, high in _AGES
        ],
        "sex": [
            ("1", _MALE, np.flatnonzero(is_man)),
            ("2", _FEMALE, np.flatnonzero(~is_man)),
        ],
        "region": [] if run.load is None else _by_region(run.load, believed.id_number),
        "benefit": _by_benefit(run, believed),
    }
    return {
        kind: [
            evaluation_scores.score_group(key, name, believed.p_alive[who], alive[who])
            for key, name, who in rows
            if len(who)
        ]
        for kind, rows in groups.items()
    }


def _is_within(age: Ints, low: int, high: int | None) -> Bools:
    return np.asarray((age >= low) & (age < (high or 1000)))


def _age_key(low: int, high: int | None) -> str:
    return f"{low}+" if high is None else f"{low}-{high - 1}"


def _age_name(low: int, high: int | None) -> Text:
    key = _age_key(low, high)
    return Text(f"{low}岁以上" if high is None else f"{key}岁", key)


def _by_region(load: Load, ids: pa.StringArray) -> list[tuple[str, Text, Ints]]:
    """People by county of residence."""
    identities, residents = load.identities(), load.residents()
    codes = pc.utf8_slice_codeunits(residents["region_code"], 0, 6)
    own = codes.take(pc.index_in(ids, identities["id_number"])).combine_chunks().dictionary_encode()
    names = own.dictionary.to_pylist()
    places = own.indices.fill_null(-1).to_numpy()
    found = [(code, Text(code, code), np.flatnonzero(places == place)) for place, code in enumerate(names)]
    return sorted(found, key=lambda row: row[0])


def _by_benefit(run: Run, believed: Believed) -> list[tuple[str, Text, Ints]]:
    """People by the benefits that they have; somebody with two counts in both."""
    names: dict[str, str] = {}
    if run.load is not None:
        table = run.load.benefits()
        names = dict(zip(table["benefit_code"].to_pylist(), table["name"].to_pylist(), strict=True))
    place = np.full(int(believed.row.max(initial=-1)) + 1, -1)
    place[believed.row] = np.arange(len(believed.row))
    owners = run.owners
    position = np.where(owners < len(place), place[np.minimum(owners, len(place) - 1)], -1)
    encoded = run.benefit_codes.dictionary_encode()
    codes, numbers = encoded.dictionary.to_pylist(), encoded.indices.to_numpy()
    return [
        (code, Text(names.get(code, code), code), np.unique(position[(numbers == i) & (position >= 0)]))
        for i, code in sorted(enumerate(codes), key=lambda pair: str(pair[1]))
    ]


def _write(path: Path, found: dict[str, Any]) -> None:
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise StorageError(
            "evaluate.not-written",
            Text(f"无法写入 {path}：{reason}。", f"{path} could not be written: {reason}."),
            Text("请检查磁盘空间和写入权限。", "Check free space and the right to write."),
        ) from error
