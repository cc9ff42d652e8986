"""Registered name (登记名称): what the subject base knows under a code, for a person to compare a row with."""

from chengxin.storage.models import Subject, SubjectCode


def registered_name(code: str) -> str:
    """The current name of the subject with this code, '' when none has it or several have."""
    wanted = code.strip().upper()
    if not wanted:
        return ""
    subjects = list(SubjectCode.objects.filter(code=wanted).values_list("subject", flat=True).distinct()[:2])
    if len(subjects) != 1:
        return ""
    return Subject.objects.filter(id=subjects[0]).values_list("name", flat=True).first() or ""
