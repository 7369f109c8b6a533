"""The process in which dlib runs: `python -m hardware.faces.dlib_worker`.

dlib holds the interpreter's lock while it computes (124 ms a face), so it has a
process of its own and a door never stalls. Requests come on standard input, answers
go to standard output, one for one, as drawn in `hardware.faces.dlib_wire`; standard
input's end is the order to leave.
"""

import sys
from typing import Any, Final

import dlib
import numpy as np

from hardware.faces import dlib_weights, dlib_wire
from hardware.ports import FaceFound, FaceRead, NoFace, Picture, SeveralFaces

# A picture wider than this is shrunk before the search for faces; the 5 points and
# the network still see every pixel. The cost of the search grows with the area.
_SEARCH_WIDTH: Final = 640
# A face narrower than half of the widest is somebody waiting behind, not a second
# person at the door.
_BYSTANDER: Final = 0.5


class Network:
    """dlib's detector, 5-point predictor and ResNet."""

    def __init__(self) -> None:
        weights = dlib_weights.locate()
        self._detect = dlib.get_frontal_face_detector()
        self._points = dlib.shape_predictor(str(weights.predictor))
        self._embed = dlib.face_recognition_model_v1(str(weights.network))

    def read(self, picture: Picture, *, min_face: int) -> FaceRead:
        """The one face at least `min_face` pixels wide, embedded."""
        rgb = np.ascontiguousarray(picture[:, :, ::-1])
        faces = [face for face in self._search(rgb) if face.width() >= min_face]
        widest = max((face.width() for face in faces), default=0)
        near = [face for face in faces if face.width() >= widest * _BYSTANDER]
        if not near:
            return NoFace()
        if len(near) > 1:
            return SeveralFaces(len(near))
        face = near[0]
        chip = self._points(rgb, face)
        embedding = self._embed.compute_face_descriptor(rgb, chip, 1)
        return FaceFound(
            np.array(embedding, dtype=np.float32),
            (face.left(), face.top(), face.right(), face.bottom()),
        )

    def _search(self, rgb: Picture) -> list[Any]:
        """Rectangles of faces, inside the picture."""
        height, width = rgb.shape[:2]
        shrink = max(1.0, width / _SEARCH_WIDTH)
        small = rgb
        if shrink > 1:
            small = dlib.resize_image(
                rgb, rows=round(height / shrink), cols=round(width / shrink)
            )
        return [
            dlib.rectangle(
                max(round(face.left() * shrink), 0),
                max(round(face.top() * shrink), 0),
                min(round(face.right() * shrink), width),
                min(round(face.bottom() * shrink), height),
            )
            for face in self._detect(small, 0)
        ]


def main() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    network = Network()
    answers.write(dlib_wire.HELLO)
    answers.flush()
    while (request := dlib_wire.read_request(requests)) is not None:
        picture, min_face = request
        answers.write(dlib_wire.answer(network.read(picture, min_face=min_face)))
        answers.flush()


if __name__ == "__main__":
    main()
