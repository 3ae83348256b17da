"""The rules of what leaves by MSSanté: who promises it, sends it, follows it, sends it again."""

from backend.access.actions import Action
from backend.access.announcers import announcer_of_the_copy
from backend.access.conditions import Rule, machine_that_sends, one_of, robot
from backend.access.workplace import at_work, by_hand
from backend.domain.laboratory import Ability
from backend.storage.dispatches import Dispatch

DISPATCHES: dict[Action, Rule] = {
    Action.PROMISE_DISPATCH: one_of(
        machine_that_sends,
        by_hand(Dispatch),
        robot("calendar", Dispatch),
        at_work(Ability.RELEASE, Dispatch),
        announcer_of_the_copy,
    ),
    Action.SEND_DISPATCH: robot("dispatch", Dispatch),
    Action.FOLLOW_DISPATCH: robot("dispatch", Dispatch),
    Action.STOP_DISPATCH: robot("dispatch", Dispatch),
    Action.LIST_DISPATCHES: at_work(Ability.SEND),
    Action.OPEN_DISPATCH: at_work(Ability.SEND, Dispatch),
    Action.REPLAY_DISPATCH: at_work(Ability.SEND, Dispatch),
    Action.SETTLE_DISPATCH: at_work(Ability.SEND, Dispatch),
    Action.TELL_DISPATCH: machine_that_sends,
}
