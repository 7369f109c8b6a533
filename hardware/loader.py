"""From a device in a site file to a live driver.

    driver = "hardware.drivers.gpio_lock:GpioLock"

Laws:

- only addresses under `hardware.drivers.` and `simulators.` are loaded: a site file
  names our drivers and runs nothing else;
- whatever is simulated says so: a driver of `simulators`, a pseudo-terminal, a
  simulated board or bus is refused without `simulated = true`, so that nobody can be
  let through a real door by a device that does not exist;
- options are the keyword parameters of the driver's constructor, and an unknown one
  is refused with the list of those there are;
- what was built has every method of its port.

Adding a sensor is one file in `hardware/drivers/`: nothing here needs to know it.
"""

import importlib
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from config.schema import DeviceSpec, Role
from domain.errors import InputError
from domain.ids import DeviceId
from hardware import ports

PORTS: Final[dict[str, type]] = {
    Role.LOCK: ports.Lock,
    Role.CONTACT: ports.BinaryInput,
    Role.EXIT_BUTTON: ports.BinaryInput,
    Role.HANDLE: ports.BinaryInput,
    Role.FIRE: ports.BinaryInput,
    Role.TAMPER: ports.BinaryInput,
    Role.TOUCH: ports.BinaryInput,
    Role.INDICATOR: ports.Indicator,
    Role.ENTRY_READER: ports.BadgeReader,
    Role.EXIT_READER: ports.BadgeReader,
    Role.KEYPAD: ports.Keypad,
    Role.FINGERPRINT: ports.FingerprintSensor,
    Role.CAMERA: ports.Camera,
    Role.FACE_ENGINE: ports.FaceEngine,
    Role.CLIMATE: ports.ClimateSensor,
}

_Factory = Callable[..., object]

_ROOMS: Final = ("hardware.drivers.", "simulators.")
_PSEUDO: Final = "/dev/pts/"


def load_all(specs: Iterable[DeviceSpec]) -> dict[DeviceId, ports.Device]:
    """Every device of one agent, by id.

    Two specs with the same driver and the same options are one device: a Wiegand
    reader with keys is a reader and a keypad, and doors share a face engine.
    """
    built: dict[DeviceId, ports.Device] = {}
    known: list[tuple[DeviceSpec, ports.Device]] = []
    for spec in specs:
        for other, device in known:
            if (other.driver, other.options) == (spec.driver, spec.options):
                _check_port(spec.id, spec.driver, device, kind=spec.role)
                break
        else:
            device = load(
                spec.id,
                spec.driver,
                spec.options,
                kind=spec.role,
                simulated=spec.simulated,
            )
            known.append((spec, device))
        built[spec.id] = device
    return built


def load_door(devices: Mapping[Role, DeviceSpec]) -> dict[Role, ports.Device]:
    """Every device of one door, by role. A fingerprint module whose touch line is
    wired gets it, and then waits for a finger instead of asking for one."""
    touch = devices.get(Role.TOUCH)
    built = load_all(s for role, s in devices.items() if role is not Role.FINGERPRINT)
    found: dict[Role, ports.Device] = {
        role: built[spec.id]
        for role, spec in devices.items()
        if role is not Role.FINGERPRINT
    }
    module = devices.get(Role.FINGERPRINT)
    if module is not None:
        line = {"touch": built[touch.id]} if touch is not None else {}
        found[Role.FINGERPRINT] = load(
            module.id,
            module.driver,
            {**module.options, **line},
            kind=module.role,
            simulated=module.simulated,
        )
    return found


def load(
    name: str,
    driver: str,
    options: Mapping[str, object],
    *,
    kind: str,
    simulated: bool,
) -> ports.Device:
    """Build the device `name` of `kind` with its driver; nothing is opened yet
    beyond its pins.

    Raises:
        InputError: the site file asks for something that cannot be.
        DeviceError: the hardware under the driver is missing.
    """
    if kind not in PORTS:
        raise InputError(f"device `{name}`: no kind `{kind}`; there are {_list(PORTS)}")
    _refuse_disguise(name, driver, options, simulated=simulated)
    factory = _find(name, driver)
    _check_options(name, driver, factory, options)
    try:
        device = factory(**options)
    except InputError as error:
        raise InputError(f"device `{name}`: {error}") from error
    except TypeError as error:
        raise InputError(
            f"device `{name}`: `{driver}` cannot use its options: {error}"
        ) from error
    _check_port(name, driver, device, kind=kind)
    return cast(ports.Device, device)


def members(port: type) -> frozenset[str]:
    """Every name that a driver of `port` must have."""
    names: set[str] = set()
    for base in port.__mro__:
        if base.__module__ == ports.__name__:
            names |= set(vars(base)) | set(getattr(base, "__annotations__", ()))
    return frozenset(name for name in names if not name.startswith("_"))


def options_of(driver: str) -> Mapping[str, inspect.Parameter]:
    """The options of a driver, for the linter and the reference.

    Raises:
        InputError: there is no such driver.
    """
    return inspect.signature(_find(driver, driver)).parameters


def _find(name: str, driver: str) -> _Factory:
    if not driver.startswith(_ROOMS):
        raise InputError(
            f"device `{name}`: driver `{driver}` is not under {_list(_ROOMS)}"
        )
    module_name, _, class_name = driver.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and module_name.startswith(error.name):
            raise InputError(f"device `{name}`: no module `{module_name}`") from None
        raise InputError(
            f"device `{name}`: driver `{driver}` needs the package `{error.name}`"
        ) from error
    found = getattr(module, class_name, None)
    if not inspect.isclass(found) or class_name.startswith("_"):
        raise InputError(f"device `{name}`: no class `{class_name}` in `{module_name}`")
    return cast(_Factory, found)


def _refuse_disguise(
    name: str, driver: str, options: Mapping[str, object], *, simulated: bool
) -> None:
    if simulated:
        return
    reason = None
    if driver.startswith("simulators."):
        reason = f"driver `{driver}` is a simulator"
    for option, value in options.items():
        if isinstance(value, str) and os.path.realpath(value).startswith(_PSEUDO):
            reason = f"`{option}` is a pseudo-terminal"
    if "board" in options:
        reason = "`board` names a simulated board"
    if isinstance(options.get("bus"), str):
        reason = "`bus` names a simulated bus"
    if reason is not None:
        raise InputError(
            f"device `{name}`: {reason}; say `simulated = true` if that is meant"
        )


def _check_options(
    name: str,
    driver: str,
    factory: _Factory,
    options: Mapping[str, object],
) -> None:
    parameters = inspect.signature(factory).parameters
    unknown = sorted(set(options) - set(parameters))
    if unknown:
        allowed = _list(sorted(parameters)) or "none"
        raise InputError(
            f"device `{name}`: `{driver}` has no option {_list(unknown)}; "
            f"its options are {allowed}"
        )
    missing = [
        option
        for option, parameter in parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind is parameter.KEYWORD_ONLY
        and option not in options
    ]
    if missing:
        raise InputError(f"device `{name}`: `{driver}` needs {_list(missing)}")


def _check_port(name: str, driver: str, device: object, *, kind: str) -> None:
    # On the class: asking the object would run its properties, which read pins.
    missing = sorted(m for m in members(PORTS[kind]) if not hasattr(type(device), m))
    if missing:
        raise InputError(
            f"device `{name}`: `{driver}` is no {kind}: it has no {_list(missing)}"
        )


def _list(names: object) -> str:
    return ", ".join(f"`{name}`" for name in cast("list[str]", names))
