"""What a refused answer is told: the form's own message first, else one clear sentence."""

from campaigns.engine import AnswerIssue
from campaigns.items import prompt
from handlers.context import Ctx
from handlers.inspection.flow import item_of
from services.inspections import Visit


def issue_text(ctx: Ctx, visit: Visit, issue: AnswerIssue) -> str:
    """One sentence that names the item and says what to do."""
    form = visit.definition.form
    question = form.by_name[issue.name]
    item = item_of(visit, question)
    own = {
        "constraint": question.constraint_messages,
        "required": question.required_messages,
    }.get(issue.code)
    said = form.text(own, ctx.locale) if own else ""
    if not said:
        said = ctx.t(
            f"answer-{issue.code.replace('_', '-')}",
            **{key: str(value) for key, value in issue.params.items()},
        )
    name = prompt(form, question, ctx.locale)
    if item is None:
        return ctx.t("answer-refused", where=name, why=said)
    if question is item.head or said.startswith(name):
        return ctx.t("answer-refused-item", item=item.item_id, why=said)
    return ctx.t("answer-refused-part", item=item.item_id, part=name, why=said)
