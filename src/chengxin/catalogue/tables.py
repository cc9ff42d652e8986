"""Tables (目录数据表): parts of the catalogue as plain rows, for engines that join and pages that list."""

from chengxin.catalogue.model import Catalogue, Item


def field_rows(item: Item) -> list[dict[str, str | int | bool | None]]:
    """One row per field in the order of the layout; the platform's own fields come last."""
    own = {f.id for f in item.supplement}
    roles = {field: role for role, field in item.roles.items()}
    return [
        {
            "no": number,
            "field": f.id,
            "label_zh": f.label.zh,
            "label_en": f.label.en,
            "type": f.type,
            "length": f.length,
            "required": f.required if isinstance(f.required, str) else "conditional",
            "codelist": f.codelist,
            "personal": f.personal,
            "role": roles.get(f.id, ""),
            "own": f.id in own,
            "published": f.id in item.published,
            "confirmed": f.confirmed,
            "unconfirmed": ", ".join(f.unconfirmed),
            "mark": f.mark,
        }
        for number, f in enumerate(item.all_fields, start=1)
    ]


def spelling_rows(catalogue: Catalogue) -> list[dict[str, str]]:
    """Every accepted spelling of every code value: list, spelling, value to store, meaning."""
    return [
        {"codelist": codelist.id, "spelling": spelling, "value": code.value, "means": code.means}
        for codelist in catalogue.codelists.values()
        for code in codelist.values
        for spelling in (code.value, *code.aliases)
    ]


def term_rows(catalogue: Catalogue, item: str) -> list[dict[str, str | int | bool | None]]:
    """Every term of every regime of an item, in the order in which they are asked."""
    return [
        {
            "regime": regime.id,
            "title_zh": regime.title.zh,
            "title_en": regime.title.en,
            "from": regime.in_force_from.isoformat(),
            "to": regime.in_force_to.isoformat() if regime.in_force_to else None,
            "severity": term.severity,
            "publish": term.publish,
            "min_months": term.min_months,
            "max_months": term.max_months,
            "conditional": term.when is not None,
            "confirmed": term.confirmed and regime.confirmed,
        }
        for regime in catalogue.regimes_of(item)
        for term in regime.terms
    ]
