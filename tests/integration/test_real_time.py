"""A whole site in real time: the NATS server over TLS, photographs, the dlib engine.

Everything else plays on the virtual clock. This is the one story that shows that the
same site, agents and steps do in real time, on a real broker, with real faces.
"""

from datetime import timedelta
from pathlib import Path

from simulators.scenario import load_story
from simulators.simulate import Run, play
from simulators.story import shortfalls

STORY = Path(__file__).with_name("real_time_story.toml")


def test_a_story_holds_in_real_time_on_a_real_broker_with_real_faces() -> None:
    story, site = load_story(STORY)
    run = Run(real_time=True, real_faces=True, tail=timedelta(seconds=3))

    results = play(story, site, run)

    fell_short = [
        f"{STORY.name}:{step.line}: step {step.number}: {shortfall}"
        for step, result in zip(story.steps, results, strict=True)
        for shortfall in shortfalls(step.expect, result)
    ]
    assert fell_short == []
