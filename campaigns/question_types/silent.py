"""Types that nobody is asked: notes, computed values and what a form knows about itself."""

from campaigns.expressions.dates import date_time_text
from campaigns.question_types.base import Moment, QuestionType, refuse


def _instant(moment: Moment) -> str:
    return date_time_text(moment.local())


def _today(moment: Moment) -> str:
    return moment.local().date().isoformat()


NOTE = QuestionType("note", refuse, asked=False)
CALCULATE = QuestionType("calculate", refuse, asked=False)
HIDDEN = QuestionType("hidden", refuse, asked=False)
START = QuestionType("start", refuse, aliases=("start time",), asked=False, first=_instant)
END = QuestionType("end", refuse, aliases=("end time",), asked=False, last=_instant)
TODAY = QuestionType("today", refuse, aliases=("get today",), asked=False, first=_today)
# What a phone with ODK Collect would fill in; here these are filled by x_from or stay empty.
USERNAME = QuestionType("username", refuse, aliases=("uri:username",), asked=False)
DEVICE = QuestionType(
    "deviceid", refuse, aliases=("get device id", "imei", "uri:deviceid"), asked=False
)
PHONE = QuestionType(
    "phonenumber",
    refuse,
    aliases=("get phone number", "phone number", "uri:phonenumber"),
    asked=False,
)
EMAIL = QuestionType("email", refuse, aliases=("uri:email",), asked=False)
SUBSCRIBER = QuestionType(
    "subscriberid", refuse, aliases=("get subscriber id", "uri:subscriberid"), asked=False
)
SIM = QuestionType(
    "simserial", refuse, aliases=("get sim id", "sim id", "uri:simserial"), asked=False
)
AUDIT = QuestionType("audit", refuse, asked=False)
