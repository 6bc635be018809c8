from __future__ import annotations

import os
import signal
import threading

import pytest

from cevns.interrupts import undisturbed


def test_an_interrupt_waits_for_the_end_of_the_step() -> None:
    steps: list[str] = []

    def work() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("inside")
        steps.append("after")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["inside"]


def test_the_handlers_of_others_are_put_back_and_asked() -> None:
    came: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: came.append(number))
    try:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGTERM)
            assert came == []
        assert came == [signal.SIGTERM]
        os.kill(os.getpid(), signal.SIGTERM)
        assert len(came) == 2
    finally:
        signal.signal(signal.SIGTERM, before)


def test_nothing_to_do_in_another_thread() -> None:
    ran: list[bool] = []

    def work() -> None:
        with undisturbed():
            ran.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [True]
