"""Columns of lists of accounts."""

from django_tables2 import Column, DateTimeColumn, Table

from chengshu.accounts.models import AuditEvent
from chengshu.ui.language import said


class AuditTable(Table):
    """Events of the trail."""

    number = Column(verbose_name=said("序号", "No."), attrs={"td": {"class": "number"}})
    at = DateTimeColumn(verbose_name=said("时间", "When"), format="Y-m-d H:i:s")
    actor = Column(verbose_name=said("人员", "Who"), orderable=False)
    verb = Column(verbose_name=said("动作", "What"), orderable=False)
    object_type = Column(verbose_name=said("对象", "Record"), orderable=False)
    object_id = Column(verbose_name=said("编号", "Its key"), orderable=False)
    purpose = Column(verbose_name=said("目的", "Purpose"), orderable=False)
    payload = Column(verbose_name=said("内容", "Facts"), orderable=False)

    class Meta:
        model = AuditEvent
        fields = ("number", "at", "actor", "verb", "object_type", "object_id", "purpose", "payload")
        empty_text = said("没有符合条件的记录。", "No event fits.")
