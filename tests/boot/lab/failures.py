# SPDX-License-Identifier: MIT
"""What every failed boot must do: say so in one line that names the object, count down, reboot."""


from .case import STEP_SECONDS, Lab
from .guest import FAILURE
from .proof import expect

COUNTDOWN_SECONDS = 3  # given to the guest as panic=
SLACK_SECONDS = 5


def check_failure(lab: Lab, code: str, named: str) -> None:
    """named: what the failure's text must hold."""
    guest = lab.guest
    failure = guest.wait_for("failed", FAILURE.pattern, 2 * STEP_SECONDS, failure_expected=True)
    expect("code", failure["code"], code)
    if named not in failure["text"]:
        raise AssertionError(f"the failure does not name {named}: {failure['text']}")
    guest.wait_for("reboot", "reboot: Restarting system", STEP_SECONDS, failure_expected=True)
    waited = guest.seconds_of("reboot") - guest.seconds_of("failed")
    if not COUNTDOWN_SECONDS - 1 <= waited <= COUNTDOWN_SECONDS + SLACK_SECONDS:
        raise AssertionError(f"the reboot came {waited:.1f} s after the failure, not {COUNTDOWN_SECONDS}")
    guest.wait_end(STEP_SECONDS)
    expect("codes of the failure", {match["code"] for line in guest.lines if (match := FAILURE.search(line))}, {code})
    expect("handovers", sum("mkpxerd: handover" in line for line in guest.lines), 0)
