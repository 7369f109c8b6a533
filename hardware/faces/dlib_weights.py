"""Where dlib's weights lie on this machine.

The PyPI package `face_recognition_models` carries them. It is located without being
imported (importing wants an old setuptools), and only the 5-point predictor and the
ResNet are used: its 68-point predictor was trained on pictures that may not be used
commercially.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from domain.errors import DeviceError

_PACKAGE: Final = "face_recognition_models"


class Weights(NamedTuple):
    predictor: Path  # five points: the corners of the eyes, the foot of the nose
    network: Path  # chip of 150 x 150 to 128 numbers


def locate() -> Weights:
    """
    Raises:
        DeviceError: the package or one of its files is missing.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise DeviceError(f"no face weights: install the package `{_PACKAGE}`")
    folder = Path(spec.origin).parent / "models"
    weights = Weights(
        folder / "shape_predictor_5_face_landmarks.dat",
        folder / "dlib_face_recognition_resnet_model_v1.dat",
    )
    for path in weights:
        if not path.is_file():
            raise DeviceError(f"no face weights: `{path}` is missing")
    return weights
