"""`menshen faces evaluate` and `menshen doctor`: what they tell."""

import asyncio
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.schema import DeviceSpec, Role
from domain.errors import InputError
from domain.ids import DeviceId
from hardware import doctor
from hardware.cli import main
from hardware.faces import evaluation
from hardware.ports import Embedding
from simulators import orl


def point(*at: float) -> Embedding:
    return np.array([*at, *[0.0] * (128 - len(at))], dtype=np.float32)


PEOPLE = {
    "li": [point(0.0), point(0.3)],
    "wang": [point(1.0), point(1.48)],
}


def test_every_two_pictures_are_one_pair() -> None:
    pairs = evaluation.all_pairs(PEOPLE)

    assert sorted(pairs.genuine.round(2)) == pytest.approx([0.30, 0.48])
    assert sorted(pairs.impostor.round(2)) == pytest.approx([0.7, 1.0, 1.18, 1.48])


@pytest.mark.parametrize(
    ("threshold", "accepts", "rejects"),
    [(0.2, 0, 2), (0.3, 0, 1), (0.5, 0, 0), (0.7, 1, 0), (2.0, 4, 0)],
)
def test_rates_count_pairs(threshold: float, accepts: int, rejects: int) -> None:
    found = evaluation.rates(evaluation.all_pairs(PEOPLE), threshold + 1e-6)

    assert (found.false_accepts, found.false_rejects) == (accepts, rejects)


def test_the_report_bounds_what_it_did_not_see() -> None:
    pairs = evaluation.all_pairs(PEOPLE)

    report = evaluation.report(pairs, people=2, pictures=4, without_face=1)

    assert "0 of 4 (< 75.000%)" in report  # three in four pairs: it knows little
    assert "small sample" in report
    assert "1 without one clear face" in report


def test_two_people_of_the_photographs_are_evaluated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for person in (1, 2):
        folder = tmp_path / f"p{person}"
        folder.mkdir()
        for shot in (1, 2):
            data = cv2.imencode(".png", orl.portrait(person, shot))[1]
            (folder / f"{shot}.png").write_bytes(data.tobytes())

    code = main(["faces", "evaluate", "--pictures", str(tmp_path)])

    printed = capsys.readouterr().out
    assert code == 0
    assert "2 people, 4 pictures, 0 without" in printed
    assert "2 pairs   distance 0." in printed


def test_a_folder_with_one_person_is_refused(tmp_path: Path) -> None:
    (tmp_path / "li").mkdir()

    with pytest.raises(InputError, match="two people"):
        main(["faces", "evaluate", "--pictures", str(tmp_path)])
    with pytest.raises(InputError, match="No such file"):
        main(["faces", "evaluate", "--pictures", str(tmp_path / "nowhere")])


def test_the_doctor_says_of_each_thing_whether_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()

    findings = {f.what: f for f in doctor.machine(tmp_path, dev=tmp_path)}

    assert findings["serial ports"].well
    assert "ttyUSB0" in findings["serial ports"].says
    assert not findings["GPIO"].well
    assert "Raspberry Pi" in str(findings["GPIO"])
    assert findings["face weights"].well


@pytest.mark.parametrize(("state", "well"), [(0, True), (5, False), (-1, False)])
def test_the_doctor_believes_the_kernel_about_the_clock(state: int, well: bool) -> None:
    assert doctor.clock(lambda: state).well is well


def test_the_doctor_asks_the_devices_of_a_site() -> None:
    def spec(role: Role, driver: str, **options: object) -> DeviceSpec:
        return DeviceSpec(
            id=DeviceId(f"lab.{role}"),
            role=role,
            driver=driver,
            options=options,
            simulated=True,
        )

    specs = [
        spec(Role.CAMERA, "simulators.camera:SimulatedCamera", scene="doctor"),
        spec(Role.CLIMATE, "hardware.drivers.sht3x:Sht3x", bus="doctor"),
        spec(Role.LOCK, "hardware.drivers.acme:Acme"),
    ]

    findings = asyncio.run(doctor.devices(specs))

    assert [f.well for f in findings] == [True, False, False]
    assert "no simulated I2C bus `doctor`" in findings[1].says
    assert "no module" in findings[2].says


def test_the_doctors_exit_code_says_whether_all_is_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["doctor"])

    printed = capsys.readouterr().out
    assert code == int("missing" in printed)
    assert "face weights" in printed
