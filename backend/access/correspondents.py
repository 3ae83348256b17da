"""What each side may do in a conversation: its lines of RULES."""

from backend.access.actions import Action
from backend.access.conditions import (
    Rule,
    in_the_record,
    keepers_of,
    one_of,
    people,
    readers_of,
    robot,
)
from backend.access.workplace import at_work
from backend.domain.laboratory import Ability
from backend.storage.conversations import Conversation

_STAFF = at_work(Ability.OPEN_THREAD, Conversation)
"""Professionals whose roles let them write to patients, in the conversations of their structure."""

MESSAGES: dict[Action, Rule] = {
    Action.LIST_CONVERSATIONS: one_of(people, at_work(Ability.OPEN_THREAD)),
    Action.READ_CONVERSATION: one_of(readers_of(Conversation), _STAFF),
    Action.OPEN_CONVERSATION: _STAFF,
    Action.ANSWER_CONVERSATION: one_of(in_the_record(Conversation), _STAFF),
    Action.ASSIGN_CONVERSATION: _STAFF,
    Action.CLOSE_CONVERSATION: one_of(_STAFF, robot("dispatch", Conversation)),
    Action.TAKE_ENCLOSURE: one_of(keepers_of(Conversation), _STAFF),
    Action.SAVE_ENCLOSURE: in_the_record(Conversation),
    Action.RECEIVE_MAIL: robot("dispatch", Conversation),
    Action.SEND_ANSWER: robot("dispatch", Conversation),
    Action.FOLLOW_ANSWER: robot("dispatch", Conversation),
}
