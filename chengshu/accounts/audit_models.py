"""The audit trail's two tables: the events, each chained to the one before, and the head of the chain."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from chengshu.accounts.chain import HASH_LENGTH
from chengshu.accounts.querysets import AuditEventQuerySet


class AuditEvent(models.Model):
    """One thing that somebody did or looked at. Written by `audit.audit` only; the database refuses any change.

    No foreign keys: the trail names people and records as they were then, and outlives them. `payload` is kept as
    the very text that was hashed, for a database's own JSON type would put its keys in another order.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=140)
    verb = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    purpose = models.CharField(max_length=400)
    payload = models.TextField()
    previous_hash = models.CharField(max_length=HASH_LENGTH)
    hash = models.CharField(max_length=HASH_LENGTH)

    objects: ClassVar[models.Manager[AuditEvent]] = AuditEventQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["actor_id", "number"], name="audit_by_actor"),
            models.Index(fields=["object_type", "object_id", "number"], name="audit_by_object"),
            models.Index(fields=["verb", "number"], name="audit_by_verb"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__gte=1), name="audit_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.actor} {self.verb} {self.object_type} {self.object_id}"


class AuditHead(models.Model):
    """The last event's number and hash, in one row: the lock that writers queue for, and what holds the tail on."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"
