"""Tables as people have them: read rightly, or refused with the line and what to do."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.config import RunConfig
from engine.datasets import CSV, Dataset
from engine.datasets.tables.encodings import found
from engine.datasets.tables.summary import summarize
from engine.errors import DataError
from engine.model import model_of
from engine.records import MemoryRecorder
from engine.training import train

ROWS = [(i / 8, 40 - i, ("bad", "good")[i % 3 == 0]) for i in range(40)]
PLAIN = "acid,sugar,quality\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)


def loaded(directory: Path, content: str | bytes, **choices: Any) -> Dataset:
    data = content.encode() if isinstance(content, str) else content
    (directory / "data.csv").write_bytes(data)
    return CSV(**choices).load()


def refused(directory: Path, content: str | bytes, **choices: Any) -> str:
    with pytest.raises(DataError) as caught:
        loaded(directory, content, **choices)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def everything(data: Dataset) -> list[np.ndarray]:
    return [data.x_train, data.t_train, data.x_validation, data.t_validation]


def decimal_comma(text: str) -> str:
    return text.replace(",", ";").replace(".", ",")


WAYS: dict[str, bytes] = {
    "as it is": PLAIN.encode(),
    "UTF-8 with its mark": PLAIN.encode("utf-8-sig"),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
    "UTF-16, big end first": PLAIN.encode("utf-16-be"),
    "Windows lines": PLAIN.replace("\n", "\r\n").encode(),
    "old Mac lines": PLAIN.replace("\n", "\r").encode(),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "pipes": PLAIN.replace(",", "|").encode(),
    "decimal commas": decimal_comma(PLAIN).encode(),
    "a line that names the separator": ("sep=;\n" + decimal_comma(PLAIN)).encode(),
    "comments": ("# of wine\n# 2024\n" + PLAIN + "# the end\n").encode(),
    "empty lines": ("\n" + PLAIN.replace("\n", "\n\n")).encode(),
    "quotes": PLAIN.replace("good", '"good"').replace("acid", '"acid"').encode(),
    "spaces": PLAIN.replace("good\n", " good \n").replace("acid", " acid ").encode(),
    "no end of the last line": PLAIN.rstrip().encode(),
    "gzip": gzip.compress(PLAIN.encode()),
}


@pytest.mark.parametrize("content", WAYS.values(), ids=WAYS)
def test_however_a_table_is_written_it_is_the_same_table(
    data_directory: Path, content: bytes
) -> None:
    plain = loaded(data_directory, PLAIN)
    assert plain.class_names == ("bad", "good")
    assert plain.feature_names == ("acid", "sugar")
    data = loaded(data_directory, content)
    for ours, expected in zip(everything(data), everything(plain), strict=True):
        assert_array_equal(ours, expected)
    assert data.info == plain.info


JAPANESE = "長さ,幅,品種\n" + "".join(
    f"{i},{i % 7},{['さくら', 'うめ', '桃'][i % 3]}\n" for i in range(30)
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp"])
def test_a_japanese_spreadsheet_keeps_its_names_in_any_encoding(
    data_directory: Path, encoding: str
) -> None:
    data = loaded(data_directory, JAPANESE.encode(encoding))
    assert data.class_names == ("うめ", "さくら", "桃")
    assert data.target_names == ("品種",)


@given(st.text("あいうえおカタカナ漢字東京価格年式0123,\n", min_size=4, max_size=80))
def test_an_encoding_is_found_by_what_bytes_can_be(text: str) -> None:
    """A file read in the wrong one would show its labels as rubbish."""
    text = f"かな,{text}"
    for encoding in ("utf-8", "cp932", "euc_jp"):
        assert found(text.encode(encoding)) == encoding


def test_bytes_in_no_known_encoding_are_refused_by_their_line(data_directory: Path) -> None:
    latin = PLAIN.replace("good", "fa\u00e7on\u00fc").encode("cp1252")
    assert "line 2 is not" in refused(data_directory, latin)
    data = loaded(data_directory, latin, encoding="cp1252")
    assert data.class_names == ("bad", "fa\u00e7on\u00fc")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PLAIN.replace("good\n", "good,\n", 1), "line 2 .*separator ',' too many.*4 cells.*3 col"),
        (PLAIN.replace("0.25,38,bad", "0.25,38,1,bad"), "line 4 .* has 4 cells, the table 3"),
        (PLAIN.replace("0.25,38,bad", "0.25,38"), "line 4 .* has 2 cells, the table 3"),
        ("a,y\n" + "0,5,1\n" * 9, "line 2 .* has 3 cells, the table 2"),
        ('a,b,y\n1,"two\nlines",x\n1,2\n' + "1,2,y\n" * 9, "line 4 .* has 2 cells"),
        (PLAIN.replace("0.25", "", 1), "line 4 .* no value in column 'acid'.*dataset.missing"),
        (PLAIN.replace("0.25", "NA", 1), "line 4 .* no value in column 'acid'"),
        (PLAIN.replace("0.25", "12a", 1), "column 'acid' holds '12a' in line 4.*dataset.words"),
        (PLAIN.replace("0.25", "inf", 1), "line 4 .* finite number in column 'acid'"),
        (PLAIN.replace("good", "", 1), "line 2 .* no value in column 'quality', the target"),
        (PLAIN.replace("acid", "sugar"), "name each column once; 'sugar'"),
        ("1,2,a\n" + "1,2,a\n2,3,b\n" * 9, "line 1 .*looks like data.*dataset.header"),
        ("p,q,r\n" + "1,2,3\n" * 9, "dataset.target. must name the column .*: p, q, r"),
        (PLAIN.replace("bad", "good"), "two classes or more; all are 'good'"),
        ("a;b;y\n" + "1,234;2;x\n1,500;3;z\n" * 9, "decimal mark in doubt.*dataset.decimal"),
        ("only\n1\n2\n", "a feature and a target; got 1 column"),
        ("a,y\n", "no rows below its header"),
        ("  \n", "is empty"),
        ("<!DOCTYPE html><html>,</html>", "is a web page"),
        (b"PK\x03\x04" + bytes(40), "is a workbook or a ZIP"),
        (b"a,y\n1,\0x\n" * 9, "zero bytes"),
        (gzip.compress(PLAIN.encode())[:-20], "may be cut off"),
    ],
    ids=range(22),
)
def test_what_is_wrong_is_named_by_its_line(
    data_directory: Path, content: str | bytes, says: str
) -> None:
    assert re.search(says, refused(data_directory, content))


def test_many_columns_are_not_all_listed(data_directory: Path) -> None:
    wide = ",".join(f"c{i}" for i in range(300)) + "\n" + (",".join(["1"] * 300) + "\n") * 9
    assert "c9 and 290 more" in refused(data_directory, wide)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["-1", "1"], ("-1", "1")),
        ([str(i) for i in range(1, 11)], tuple(str(i) for i in range(1, 11))),
        (["1.0", "2.0"], ("1", "2")),
        (["true", "false"], ("False", "True")),
        (["EU", "NA", "None", "null"], ("EU", "NA", "None", "null")),
        (["yes", "yes ", " no"], ("no", "yes")),
        (["10", "9", "a"], ("10", "9", "a")),
    ],
    ids=str,
)
def test_labels_are_classes_by_their_sorted_values(
    data_directory: Path, labels: list[str], names: tuple[str, ...]
) -> None:
    rows = [(i / 4, labels[i % len(labels)]) for i in range(60)]
    content = "a,label\n" + "".join(f"{a},{label}\n" for a, label in rows)
    data = loaded(data_directory, content, leave_out="")
    assert data.class_names == names
    of = {x[0]: t for x, t in zip(data.x_train, data.t_train, strict=True)}
    for a, label in rows:
        if a in of:
            shown = {"true": "True", "false": "False", "1.0": "1", "2.0": "2"}
            assert names[of[a]] == shown.get(label, label).strip()


def test_thousands_are_digits_of_one_number(data_directory: Path) -> None:
    rows = [(i * 1234 + 0.5, i % 2) for i in range(30)]
    english = "n,label\n" + "".join(f'"{n:,}",{t}\n' for n, t in rows)
    german = "n;label\n" + "".join(
        f"{n:,};{t}\n".translate(str.maketrans(",.", ".,")) for n, t in rows
    )
    for content in (english, german):
        data = loaded(data_directory, content)
        assert sorted([*data.x_train[:, 0], *data.x_validation[:, 0]]) == [n for n, _ in rows]


def test_a_column_that_counts_the_rows_is_left_out_unless_wanted(data_directory: Path) -> None:
    """Rows sorted by label would be learned by their number alone."""
    content = ",a,label\n" + "".join(f"{i},{i * 7 % 11},{i // 20}\n" for i in range(60))
    assert loaded(data_directory, content).feature_names == ("a",)
    assert loaded(data_directory, content, leave_out="").feature_names == ("1", "a")
    assert loaded(data_directory, content, leave_out="a").feature_names == ("1",)
    assert "known: 1, a, label" in refused(data_directory, content, leave_out="A")


PEOPLE = "PassengerId,Survived,Name,Sex,Age\n" + "".join(
    f'{i},{i % 2},"Person, No. {i}",{("male", "female", "")[i % 3]},{"" if i % 5 == 0 else i}\n'
    for i in range(1, 61)
)


def test_words_and_missing_values_are_prepared_by_what_trains_alone(data_directory: Path) -> None:
    from sklearn.impute import SimpleImputer

    assert "dataset.words" in refused(data_directory, PEOPLE)
    assert "dataset.missing" in refused(data_directory, PEOPLE, words="one_hot")
    data = loaded(data_directory, PEOPLE, words="one_hot", missing="median")
    assert data.feature_names == ("Age", "Sex_female", "Sex_male")
    assert set(data.x_train[:, 1:].sum(axis=1)) == {1.0}
    fraction = loaded(
        data_directory, PEOPLE.replace("Sex", "sex"), words="one_hot", missing="most_frequent"
    )
    assert fraction.feature_names == ("Age", "sex_female", "sex_male")
    ages = [float(i) if i % 5 else np.nan for i in range(1, 61)]
    known = {age for age in ages if age == age}
    filled = {x for x in data.x_train[:, 0] if x not in known}
    trained = [[x if x in known else np.nan] for x in data.x_train[:, 0]]
    (median,) = SimpleImputer(strategy="median").fit(trained).statistics_
    assert filled <= {median}
    assert not np.isnan(data.x_validation).any()


def test_a_second_file_validates(data_directory: Path) -> None:
    (data_directory / "test.csv").write_text("quality,sugar,acid\ngood,1,2\nfine,3,4\n")
    data = loaded(data_directory, PLAIN, test_file="test.csv")
    assert len(data.x_train) == 40
    assert_array_equal(data.x_validation, [[2, 1], [4, 3]])
    assert data.class_names == ("bad", "fine", "good")
    assert_array_equal(data.t_validation, [2, 1])
    (data_directory / "test.csv").write_text("sugar,acid\n1,2\n")
    assert "it has no 'quality'" in refused(data_directory, PLAIN, test_file="test.csv")
    (data_directory / "test.csv").write_text("acid,sugar,quality\n1,2,good\n1,,good\n")
    assert "line 3 of" in refused(data_directory, PLAIN, test_file="test.csv")


def test_several_targets_are_numbers_to_predict(data_directory: Path) -> None:
    data = loaded(data_directory, "a,b,c\n1,2,3\n4,5,6\n7,8,9\n", target="c,a", leave_out="")
    assert data.classes is None
    assert_array_equal(np.sort(data.t_train, axis=0)[:, 0] - 2, np.sort(data.t_train[:, 1]))
    assert data.info.outputs == 2


def test_whole_prices_are_numbers_by_their_name_and_else_asked_about(data_directory: Path) -> None:
    prices = [(i % 7, 10_000 + 37 * i) for i in range(50)]
    content = "rooms,{}\n" + "".join(f"{a},{p}\n" for a, p in prices)
    assert loaded(data_directory, content.format("price")).classes is None
    other = content.format("target")
    assert "dataset.task" in refused(data_directory, other)
    assert loaded(data_directory, other, task="regression").classes is None
    assert "50 classes in 50 samples" in refused(data_directory, other, task="classification")


def test_no_link_leads_out_of_the_data_directory(
    data_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text(PLAIN)
    (data_directory / "data.csv").symlink_to(outside)
    with pytest.raises(DataError, match="leads out of the data directory"):
        CSV().load()


def test_a_file_that_grows_while_it_is_read_is_refused(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = data_directory / "data.csv"
    path.write_text(PLAIN)
    read = Path.read_bytes

    def written_meanwhile(self: Path) -> bytes:
        data = read(self)
        with path.open("a") as file:
            file.write("9,9,good\n")
        return data

    monkeypatch.setattr(Path, "read_bytes", written_meanwhile)
    with pytest.raises(DataError, match="changed while it was read"):
        CSV().load()


def test_a_table_is_summarized_before_it_is_used(data_directory: Path) -> None:
    path = data_directory / "people.csv"
    path.write_text(PEOPLE)
    summary = summarize(path)
    assert (summary.rows, summary.target, summary.questions) == (60, "Survived", ())
    assert summary.classes == (("0", 30), ("1", 30))
    columns = {column.name: column for column in summary.columns}
    assert {name: str(c.left_out) for name, c in columns.items() if c.left_out} == {
        "PassengerId": "it counts the rows",
        "Name": "it names the rows: each cell is another",
    }
    age = columns["Age"]
    assert (age.kind, age.missing, age.low, age.high) == ("numbers", 12, 1, 59)
    assert columns["Sex"].examples == ("female", "male", "female")
    path.write_text("1,2,a\n" + "1,2,a\n2,3,b\n" * 9)
    (question,) = summarize(path).questions
    assert "dataset.header" in str(question)
    assert summarize(path, header=False).questions == ()


OLD = {"train_samples": None, "validation": 0.2, "file": "data.csv", "target": "", "task": "auto"}


def test_a_configuration_from_before_means_what_it_meant(data_directory: Path) -> None:
    """Its run learned of the last column, and would resume to other numbers."""
    (data_directory / "data.csv").write_text(
        "label,n\n" + "".join(f"{i},{1 + i % 3}\n" for i in range(30))
    )
    old = RunConfig.parse({"dataset": {"kind": "csv", **OLD}, "layers": [{"kind": "dense"}]})
    assert old.dataset.reading == "first"  # type: ignore[union-attr]
    data = old.dataset.load()
    assert data.classes == 3
    assert data.feature_names is None
    assert sorted([*data.x_train[:, 0], *data.x_validation[:, 0]]) == list(range(30))
    assert RunConfig.parse_json(old.to_json()) == old
    assert CSV(file="data.csv").reading == "current"


def test_a_table_trains_to_a_model_that_takes_its_features(data_directory: Path) -> None:
    loaded(data_directory, PLAIN)
    config = RunConfig.parse(
        {"dataset": {"kind": "csv"}, "layers": [{"kind": "dense", "units": 2}], "epochs": 2}
    )
    recorder = MemoryRecorder()
    train(config, recorder)
    model = model_of(config, recorder.checkpoints[-1])
    assert_allclose(model.probabilities([[1, 2]]).sum(), 1, rtol=1e-6)


@pytest.mark.parametrize("later", ["70000000000", "1.5", "NA", "red"])
def test_a_large_table_is_read_by_all_of_its_cells(data_directory: Path, later: str) -> None:
    """The first rows' types are tried first: what comes after them must not be lost or refused."""
    rows, wide = 8_000, 90
    header = ",".join(["n", *(f"a{i}" for i in range(wide)), "label"])
    same = ",".join(["12345"] * wide) + ",1"
    content = "\n".join([header, *(f"{i % 7},{same}" for i in range(rows)), f"{later},{same}"])
    (data_directory / "data.csv").write_text(content)
    table = CSV(header="yes").table()
    column = table.column("n")
    assert len(content) > 2**22, "one block of the reader"
    assert table.rows == rows + 1
    assert column.missing == (later == "NA")
    assert column.kind == ("words" if later == "red" else "numbers")
    assert str(column.cells[-1]) == ("None" if later == "NA" else later)
    assert str(column.cells[6]).partition(".")[0] == "6"
