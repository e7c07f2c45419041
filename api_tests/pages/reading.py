"""How a test signs in with a cookie and reads pages that show everything recorded so far."""

from __future__ import annotations

from api_tests.client import Client

PAGES = (
    *("/", "/queue", "/cases", "/report", "/more", "/reports/weekly", "/reports/monthly"),
    *("/scorecards", "/coverage", "/organisation", "/policies/hanbin-default-1", "/calendars/cn/2025"),
    *("/visits", "/programmes", "/duties", "/samples"),
)


async def signed_in(api: Client, who: str) -> None:
    form = {"key": f"dev:{who}", "next": "/queue"}
    answer = await api.http.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert f"dev:{who}" not in cookie


async def page(browser: Client, path: str, status: int = 200) -> str:
    """A page that shows everything recorded so far."""
    last = (await browser.http.get("/readyz")).json()["position"]
    answer = await browser.http.get(path, headers={"Sanji-Min-Position": str(last)})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    return answer.text


async def page_for(api: Client, who: str, path: str) -> str:
    """The same, as somebody who signs in for it."""
    await signed_in(api, who)
    return await page(api, path)
