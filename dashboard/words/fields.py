"""The words of a form, made from the one declaration of each field."""

from __future__ import annotations

from typing import Any

from pydantic.fields import FieldInfo

from dashboard.words.i18n import _, msg
from dashboard.words.text import plain, prose
from dashboard.words.typed import shown_number
from engine.spec import Spec, extra, label_of

BOUNDS = {
    "ge": msg("at least {bound}"),
    "gt": msg("greater than {bound}"),
    "le": msg("at most {bound}"),
    "lt": msg("less than {bound}"),
}


def label(name: str, field: FieldInfo) -> str:
    """A field's name and its letter: Learning rate η."""
    symbol = extra(field, "symbol")
    text = plain(_(label_of(name, field)))
    return f"{text} {symbol}" if symbol else text


def help_text(field: FieldInfo) -> str:
    """What a field means, its unit and its bounds."""
    unit = extra(field, "unit")
    facts = [_("Unit: {unit}").format(unit=_(unit))] if unit else []
    limits = bounds(field)
    if limits:
        facts.append(_("Range: {bounds}").format(bounds=_(" and ").join(limits)))
    default = field.get_default(call_default_factory=True)
    if isinstance(default, int | float) and not isinstance(default, bool):
        facts.append(_("Default: {default}").format(default=shown_number(default)))
    return "  \n".join([description(field), *facts])


def bounds(field: FieldInfo) -> list[str]:
    """A field's bounds in words."""
    found: list[tuple[str, Any]] = [
        (name, getattr(rule, name))
        for rule in field.metadata
        for name in BOUNDS
        if getattr(rule, name, None) is not None
    ]
    return [_(BOUNDS[name]).format(bound=shown_number(bound)) for name, bound in found]


def kinds_help(field: FieldInfo, members: tuple[type[Spec], ...]) -> str:
    """What a choice of kinds means: each by its name and its equation."""
    lines = [f"- **{plain(_(m.title()))}**: {plain(_(m.summary()))}" for m in members]
    return "\n".join([description(field), "", *lines])


def description(field: FieldInfo) -> str:
    """What a field means."""
    text = field.description or ""
    return prose(_(text))


def choice(value: Any) -> str:
    """One of a field's named values."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _(str(value))
