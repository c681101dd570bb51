"""What narrows lists of accounts."""

from django.db.models import Q, QuerySet
from django.forms import DateInput
from django_filters import CharFilter, DateFilter, FilterSet

from chengshu.accounts.models import AuditEvent
from chengshu.ui.language import said


class AuditFilters(FilterSet):
    """Who, what, when."""

    q = CharFilter(method="filter_text", label=said("人员、动作或对象", "Who, what or which record"))
    since = DateFilter(
        "at", "date__gte", label=said("自", "From"), widget=DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = DateFilter(
        "at", "date__lte", label=said("至", "To"), widget=DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    class Meta:
        model = AuditEvent
        fields: tuple[str, ...] = ()

    def filter_text(self, events: QuerySet[AuditEvent], name: str, text: str) -> QuerySet[AuditEvent]:
        """Events with the text in one of their words."""
        return events.filter(
            Q(actor__icontains=text)
            | Q(verb__icontains=text)
            | Q(object_type__icontains=text)
            | Q(object_id=text)
            | Q(purpose__icontains=text)
        )
