"""Every driver there is, found by walking the package: what holds for all of them.

A new sensor is one file in `hardware/drivers/`; it is held to this without being
listed anywhere. What its port promises is in that port's own suite.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest

import hardware.drivers
import simulators
from hardware.loader import PORTS, members


def classes(package: ModuleType, *, suffixes: tuple[str, ...] = ()) -> Iterator[type]:
    """The public classes that the package's own modules define."""
    for found in pkgutil.iter_modules(package.__path__):
        if suffixes and not found.name.endswith(suffixes):
            continue
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for name, value in vars(module).items():
            if (
                inspect.isclass(value)
                and value.__module__ == module.__name__
                and not name.startswith("_")
                and hasattr(value, "aclose")
                and hasattr(value, "check")
            ):
                yield value


def kinds(driver: type) -> set[str]:
    return {kind for kind, port in PORTS.items() if has_all(driver, port)}


def has_all(driver: type, port: type) -> bool:
    return all(hasattr(driver, member) for member in members(port))


DRIVERS = [
    *classes(hardware.drivers),
    *classes(simulators, suffixes=("camera", "face_engine")),
]


def test_the_drivers_of_this_house_are_found() -> None:
    served = {kind for driver in DRIVERS for kind in kinds(driver)}

    assert len(DRIVERS) >= 9
    assert set(PORTS) - {"fingerprint"} <= served


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.__name__)
def test_a_driver_serves_a_port(driver: type) -> None:
    assert kinds(driver)


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.__name__)
def test_the_options_of_a_driver_can_be_written_in_a_site_file(driver: type) -> None:
    for option in inspect.signature(driver).parameters.values():
        assert option.kind is option.KEYWORD_ONLY
        assert option.annotation is not option.empty


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.__name__)
def test_the_methods_of_a_port_are_asynchronous_where_the_port_says_so(
    driver: type,
) -> None:
    for kind in kinds(driver):
        port = PORTS[kind]
        for member in members(port):
            promised = inspect.getattr_static(port, member, None)
            if inspect.iscoroutinefunction(promised):
                assert inspect.iscoroutinefunction(getattr(driver, member)), member


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.__name__)
def test_a_driver_says_what_it_is(driver: type) -> None:
    module = inspect.getmodule(driver)

    assert module is not None
    assert module.__doc__
