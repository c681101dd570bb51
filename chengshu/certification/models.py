"""What certification keeps in the database: runs, whom to ask, and what was found."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from chengshu.certification.querysets import (
    DeathConfirmationQuerySet,
    DisprovedLinkQuerySet,
    VisitQuerySet,
    WorkItemQuerySet,
)
from chengshu.certification.states import (
    DEATH_IN_FORCE,
    DECIDED,
    DeathState,
    ItemKind,
    ItemState,
    LinkKind,
    Outcome,
    RunStatus,
)
from chengshu.lake import LONGEST_SOURCE

_PERSON = settings.AUTH_USER_MODEL
_STATUSES = sorted(status.value for status in RunStatus)
_KINDS = sorted(kind.value for kind in ItemKind)
_STATES = sorted(state.value for state in ItemState)
_OUTCOMES = sorted(outcome.value for outcome in Outcome)
_DEATH_STATES = sorted(state.value for state in DeathState)
_DEATH_OPEN = [state.value for state in DEATH_IN_FORCE]
_LINK_KINDS = sorted(kind.value for kind in LinkKind)
APPEAL_DAYS = 60


class Run(models.Model):
    """One certification of everybody in a load of the lake. A published one never changes again."""

    as_of = models.DateField()
    max_dead_share = models.FloatField()
    seed = models.IntegerField(default=1)
    load_id = models.CharField(max_length=32)
    status = models.CharField(max_length=16, default=RunStatus.QUEUED.value)
    stage = models.CharField(max_length=16, blank=True)
    progress = models.FloatField(default=0.0)
    requested_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    problem_zh = models.TextField(blank=True)
    problem_en = models.TextField(blank=True)
    summary = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    is_in_force = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=_STATUSES), name="run_status_is_known"),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("proposed_by")), name="run_has_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(is_in_force=False) | Q(status=RunStatus.PUBLISHED.value), name="run_in_force_is_published"
            ),
            models.UniqueConstraint(fields=["is_in_force"], condition=Q(is_in_force=True), name="run_one_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.as_of})"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.CERTIFICATION_FOLDER) / f"run-{self.pk:06d}"

    @property
    def has_results(self) -> bool:
        """Whether everybody has been decided on."""
        return self.status in DECIDED


class WorkItem(models.Model):
    """Somebody who is to be asked: visited, asked to confirm themselves, or drawn for the random audit."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=16)
    person_key = models.BigIntegerField()
    region_code = models.CharField(max_length=12)
    departments = models.BigIntegerField(default=0)
    name = models.CharField(max_length=64, help_text="masked")
    age = models.SmallIntegerField()
    value = models.FloatField()
    p_dead = models.FloatField()
    monthly_yuan = models.FloatField()
    reason_zh = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)
    state = models.CharField(max_length=16, default=ItemState.OPEN.value)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[WorkItem]] = WorkItemQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "region_code", "-value"], name="item_by_region"),
            models.Index(fields=["state", "-value"], name="item_by_value"),
            models.Index(fields=["person_key"], name="item_by_person"),
            models.Index(fields=["run", "kind", "state"], name="item_by_run"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="item_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="item_state_is_known"),
            models.UniqueConstraint(
                fields=["person_key", "kind"], condition=Q(state=ItemState.OPEN.value), name="item_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind} {self.region_code}"


class Visit(models.Model):
    """What somebody found: a visitor at the door, or the person themselves. Kept as it was recorded.

    `client_id` is given by the phone that recorded it, so that what is sent twice is one visit.
    """

    client_id = models.UUIDField(unique=True)
    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, null=True, related_name="visits")
    person_key = models.BigIntegerField(db_index=True)
    region_code = models.CharField(max_length=12, db_index=True)
    visited_on = models.DateField()
    outcome = models.CharField(max_length=16)
    note = models.CharField(max_length=500, blank=True)
    photo = models.CharField(max_length=120, blank=True)
    is_self_check = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Visit]] = VisitQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-visited_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(outcome__in=_OUTCOMES), name="visit_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on}: {self.outcome}"


class SelfCheckLink(models.Model):
    """A link or a code by which a resident confirms being alive; used once, until it expires."""

    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="links")
    digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64)
    sent_to = models.CharField(max_length=32, blank=True, help_text="masked")
    channel = models.CharField(max_length=16)
    created_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["code_digest"], name="link_by_code")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="link_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.channel}"


class DeathConfirmation(models.Model):
    """A recorded death of somebody who is paid, until two people have confirmed or one has refuted it.

    Nothing stops before `confirmed`; what has stopped may be restored, with back pay.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="confirmations")
    person_key = models.BigIntegerField(db_index=True)
    region_code = models.CharField(max_length=12, db_index=True)
    departments = models.BigIntegerField(default=0)
    name = models.CharField(max_length=64, help_text="masked")
    age = models.SmallIntegerField()
    monthly_yuan = models.FloatField()
    died_on = models.DateField()
    record_source = models.CharField(max_length=LONGEST_SOURCE, blank=True)
    state = models.CharField(max_length=16, default=DeathState.OPEN.value)
    opened_at = models.DateTimeField()
    first_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    stops_on = models.DateField(null=True)
    refuted_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    refuted_at = models.DateTimeField(null=True)
    restored_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    restored_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    back_pay_yuan = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    objects: ClassVar[models.Manager[DeathConfirmation]] = DeathConfirmationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=_DEATH_STATES), name="death_state_is_known"),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("first_by")), name="death_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(stops_on__isnull=True) | Q(first_at__isnull=False, second_at__isnull=False),
                name="death_stops_nothing_alone",
            ),
            models.UniqueConstraint(fields=["person_key"], condition=Q(state__in=_DEATH_OPEN), name="death_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"

    @property
    def notice_number(self) -> str:
        """Of the notice to the family, such as CR-2026-000012; nothing before anything stops."""
        return f"CR-{self.notice_on.year}-{self.pk:06d}" if self.notice_on else ""

    @property
    def notice_on(self) -> date | None:
        """The day of the notice: that of the second confirmation."""
        return timezone.localdate(self.second_at) if self.second_at else None

    @property
    def appeal_until(self) -> date | None:
        """The last day on which the family may appeal without giving a reason for being late."""
        return self.notice_on + timedelta(days=APPEAL_DAYS) if self.notice_on else None

    @property
    def departments_paying(self) -> list[str]:
        """Names of the departments that pay, by the list of its run."""
        names = self.run.summary.get("departments", [])
        return [name for number, name in enumerate(names) if self.departments >> number & 1]


class Appeal(models.Model):
    """What somebody says against a stop."""

    confirmation = models.ForeignKey(DeathConfirmation, on_delete=models.PROTECT, related_name="appeals")
    text = models.TextField(max_length=2000)
    contact = models.CharField(max_length=80)
    received_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    decided_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    is_upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True, max_length=2000)

    def __str__(self) -> str:
        return f"{self.pk}: {self.confirmation_id}"

    @property
    def is_decided(self) -> bool:
        """Whether it has been answered."""
        return self.decided_at is not None

    @property
    def is_late(self) -> bool:
        """Whether it came after the term that the notice gives; it is dealt with all the same."""
        last = self.confirmation.appeal_until
        return last is not None and timezone.localdate(self.received_at) > last


class DisprovedLink(models.Model):
    """A record that was taken for somebody's and is not: every later match leaves it out."""

    person_key = models.BigIntegerField(db_index=True)
    region_code = models.CharField(max_length=12)
    name = models.CharField(max_length=64, blank=True, help_text="masked")
    kind = models.CharField(max_length=16)
    source = models.CharField(max_length=LONGEST_SOURCE, blank=True)
    day = models.DateField(null=True)
    reason = models.CharField(max_length=500)
    ruled_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    ruled_at = models.DateTimeField()

    objects: ClassVar[models.Manager[DisprovedLink]] = DisprovedLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=_LINK_KINDS), name="disproved_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.kind}"
