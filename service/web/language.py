"""Chinese or English: which one a reader wants, the other one click away, and how times and spans are said in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import Request

from service.http.requests import now_at, reads_chinese
from service.telling.words import word
from service.web.labels import STATES, WHY

COOKIE = "sanji_language"
ARTICLES = ("a ", "an ", "the ")
MINUTE, HOUR, DAY = 60, 3600, 86400


def language_of(request: Request) -> str:
    """`zh` or `en`: what the address says, what the reader chose last, or what his browser asks for."""
    chosen = request.query_params.get("lang") or request.cookies.get(COOKIE)
    return chosen if chosen in ("zh", "en") else "zh" if reads_chinese(request, unsaid=True) else "en"


def speaking(request: Request) -> Language:
    """The reader's language, of today: days of another year are said with it."""
    return Language(language_of(request), now_at(request).year)


class Language:
    """Says things in the reader's language."""

    def __init__(self, name: str, year: int | None = None) -> None:
        self.name = name
        self.chinese = name == "zh"
        self.year = year

    def __call__(self, chinese: str, english: str) -> str:
        return chinese if self.chinese else english

    def word(self, field: str, code: str | None) -> str:
        """What a clerk calls a code; the code itself where he has no word for it."""
        text = word(field, code, self.chinese) or code or ""
        return next((text[len(article) :] for article in ARTICLES if text.startswith(article)), text)

    def moment(self, instant: str | None) -> str:
        """A day and a time, as on the district's clock."""
        if instant is None:
            return ""
        at = datetime.fromisoformat(instant)
        if self.chinese:
            return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
        return f"{at.day} {at:%b %Y %H:%M}"

    def day(self, instant: str | None) -> str:
        """A day, with its year where that is another one."""
        if instant is None:
            return ""
        at = datetime.fromisoformat(instant)
        other = self.year not in (None, at.year)
        if self.chinese:
            return f"{at.year}年{at.month}月{at.day}日" if other else f"{at.month}月{at.day}日"
        return f"{at.day} {at:%b %Y}" if other else f"{at.day} {at:%b}"

    def due(self, instant: str | None) -> str:
        """By when: the instant is exclusive, so that midnight is the end of the day before."""
        if instant is None:
            return ""
        at = datetime.fromisoformat(instant)
        if (at.hour, at.minute) == (0, 0):
            return f"{self.due_day(instant)} 24:00"
        return f"{self.day(instant)} {at:%H:%M}"

    def due_day(self, instant: str | None) -> str:
        """The last day in time."""
        if instant is None:
            return ""
        return self.day((datetime.fromisoformat(instant) - timedelta(microseconds=1)).isoformat())

    def quarter(self, quarter: str) -> str:
        """As `2025-Q2` is said."""
        return self(f"{quarter[:4]}年{'一二三四'[int(quarter[-1]) - 1]}季度", quarter)

    def days(self, start: str | None, end: str | None) -> str:
        """From a day up to and including another; where one end is open, a dash."""
        first, last = (datetime.fromisoformat(one) if one else None for one in (start, end))
        if last is not None:
            last -= timedelta(microseconds=1)
        ends = [self.day(one.isoformat()) if one else "" for one in (first, last)]
        return ends[0] if ends[0] == ends[1] else " – ".join(ends).strip()

    def span(self, seconds: float | None) -> str:
        """How long, in its largest unit and the one below; a dash where there is nothing to say."""
        if seconds is None:
            return "–"
        minutes = int(abs(seconds)) // MINUTE
        if minutes < DAY // MINUTE:
            return self._parts((minutes // 60, "小时", "h"), (minutes % 60, "分", "min"))
        hours = minutes // 60
        return self._parts((hours // 24, "天", "d"), (hours % 24, "小时", "h"))

    def _parts(self, *parts: tuple[int, str, str]) -> str:
        """So many of each unit, leaving out those of which there are none."""
        words = [f"{n}{chinese}" if self.chinese else f"{n} {english}" for n, chinese, english in parts if n]
        return ("" if self.chinese else " ").join(words) or self("0分", "0 min")

    def why(self, reason: str) -> str:
        """Why a case is in a queue."""
        return self(*WHY[reason])

    def state(self, state: str) -> str:
        """How a clock stands."""
        return self(*STATES[state])

    def past(self, instant: str | None, now: datetime) -> bool:
        """Whether it is over: the due instant itself is late."""
        return instant is not None and datetime.fromisoformat(instant) <= now

    def work(self, seconds: float | None) -> str:
        """How much working time, in hours: its days have fewer than twenty-four."""
        if seconds is None:
            return "–"
        hours, minutes = divmod(int(abs(seconds)) // MINUTE, 60)
        return self._parts((hours, "小时", "h"), (0 if hours >= DAY // HOUR else minutes, "分", "min"))

    def left(self, due_at: str, working_s: float, now: datetime) -> str:
        """How much is left: in working time; by the clock, where no office works before it is over."""
        if working_s >= MINUTE:
            return self.work(working_s)
        return self.span((datetime.fromisoformat(due_at) - now).total_seconds())

    def late(self, due_at: str, working_s: float, now: datetime) -> str:
        """By how much it is late: in working time; in days, where no office has worked since; just now."""
        if abs(working_s) >= MINUTE:
            return f"{self('已逾期', 'Late by')} {self.work(working_s)}"
        since = (now - datetime.fromisoformat(due_at)).total_seconds()
        if since < HOUR:
            return self("刚刚逾期", "Late just now")
        return f"{self('已逾期', 'Late by')} {self.span(since)}"

    def share(self, part: float | None) -> str:
        return "–" if part is None else f"{part:.0%}"
