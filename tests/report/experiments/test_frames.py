import io

import pandas as pd
import pytest

from sim.contract.claim import MEASURES
from sim.report.experiments import frames
from tests.experiments.small import INTERVAL, sample

from .made import sweep


def test_a_row_per_point_holds_its_values_and_each_measure_with_its_interval() -> None:
    found = sweep()
    frame = frames.values(found.samples)
    assert list(frame.columns[:4]) == [INTERVAL, "client.policy", "clients", "replications"]
    assert list(frame.columns[4:]) == [f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")]
    assert frame[INTERVAL].tolist() == [1, 1, 2, 2, 4, 4]
    assert frame["client.policy"].tolist() == ["hybrid", "polling-only"] * 3
    for index, one in enumerate(found.samples):
        estimate = one.estimate("polls_per_s_mean")
        assert estimate is not None
        row = frame.iloc[index]
        assert (row["polls_per_s_mean"], row["polls_per_s_mean_low"]) == (estimate.value, estimate.low)
        assert row["polls_per_s_mean_high"] == estimate.high


def test_differences_are_those_to_the_base() -> None:
    found = sweep()
    frame = frames.differences(found.samples, found.samples[found.base])
    assert frame["polls_per_s_mean"].tolist() == [one and one.value for one in found.differences("polls_per_s_mean")]
    assert frame.loc[found.base, "polls_per_s_mean"] == 0


def test_both_files_give_every_number_back_to_the_bit() -> None:
    frame = frames.values(sweep().samples)
    text = frame.to_csv(index=False)
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(text)), frame, check_exact=True)
    pytest.importorskip("pyarrow")
    parquet = io.BytesIO(frame.to_parquet(index=False))
    assert pd.read_parquet(parquet).equals(frame.astype({"client.policy": "str"})) or (
        pd.read_parquet(parquet)["polls_per_s_mean"].tolist() == frame["polls_per_s_mean"].tolist()
    )


def test_what_there_is_no_estimate_of_is_empty_in_a_column_of_numbers() -> None:
    frame = frames.values([sample({INTERVAL: 1}, latency_p99_s=[None, None])])
    assert frame["latency_p99_s"].isna().all()
    assert frame["latency_p99_s"].dtype == "float64"


def test_values_of_several_kinds_and_tables_become_texts_in_one_column() -> None:
    points: list[dict[str, object]] = [{"k": 1.5}, {"k": {"uniform": [0, 4]}}]
    frame = frames.values([sample(point, age_mean_s=[1.0, 2.0]) for point in points])
    assert frame["k"].tolist() == ["1.5", '{"uniform": [0, 4]}']
