"""What one student handed in, before one file of it is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from instructor.batch.entries import Student
from instructor.batch.sources.listing import File


@dataclass
class HandedIn:
    """What one student, or one group, handed in.

    students: their keys are wishes, not yet unique. files: with paths from the student's own folder.
    resubmitted: a name that ends in -1 may be a later version.
    """

    students: list[Student]
    files: list[File]
    resubmitted: bool = False
