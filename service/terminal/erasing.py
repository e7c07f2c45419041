"""`sanji erase`: one person, everybody of whom something is sealed in a case (with its files) or in a household, or one
file.
"""

from __future__ import annotations

from domain.streams import case_stream
from service.audit.erasing import Unknown, files_of, persons_at, persons_in
from service.office import Office
from service.settings import Settings
from service.storage.database import must_be_there


def erase(
    settings: Settings, person: str | None, case: str | None, household: str | None, file: str | None, reason: str
) -> None:
    """One of the four is named. Raises Unknown, StillRead when it must be done again, and FileNotFoundError."""
    must_be_there(settings.database)
    office = Office(settings).open(background=False)
    try:
        persons = [person] if person else []
        persons += persons_in(office.recorder, case_stream(case)) if case else []
        persons += persons_at(office.recorder, household) if household else []
        files = files_of(office.recorder, office.seals.keys, case) if case else []
        files += [file] if file and office.erasures.known_file(file) else []
        if not (persons or files):
            raise Unknown
        for one in persons:
            office.erasures.erase(one, reason)
        office.erasures.erase_files(files, office.clock.now())
    finally:
        office.close()
